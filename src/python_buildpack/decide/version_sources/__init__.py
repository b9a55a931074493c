"""Where an app may declare its Python version: one module for each place, listed in ``registry.py``."""
