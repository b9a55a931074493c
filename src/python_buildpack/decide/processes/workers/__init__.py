"""How each task queue's workers are found and started: one module a queue, listed in ``registry.py``."""
