"""How workers of each task queue are found and started: one module for each queue, listed in ``registry.py``."""
