"""How each web framework's apps look in source and are started: one module a framework, listed in ``registry.py``."""
