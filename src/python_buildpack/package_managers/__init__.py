"""How an app declares its dependencies and how they are installed: one module a manager, listed in registry.py."""
