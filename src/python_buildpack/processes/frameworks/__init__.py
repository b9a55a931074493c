"""How each web framework's apps look in source, and how they are started: one module a framework, listed in ``registry.py``."""
