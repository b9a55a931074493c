"""How an app declares its dependencies, and how each way is installed: one module per manager, listed in registry.py."""
