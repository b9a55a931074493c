"""Where an app may say which Python it wants: one module per place, listed in ``registry.py``."""
