"""How apps of each web framework are found and started: one module for each framework, listed in ``registry.py``."""
