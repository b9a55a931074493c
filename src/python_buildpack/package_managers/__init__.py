"""The package managers, which read an app's declarations and install its dependencies; registry.py lists them."""
