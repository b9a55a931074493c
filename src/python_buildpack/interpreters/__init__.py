"""CPython builds: the inventory, the choice of one for an app, and its installation."""
