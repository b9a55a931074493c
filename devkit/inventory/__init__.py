"""Makes ``inventory.toml``, the list of interpreters that the buildpack may install, from what upstream publishes."""

from devkit.inventory.builds import Build
from devkit.inventory.command import refresh
from devkit.inventory.document import read_inventory, render_inventory

__all__ = ["Build", "read_inventory", "refresh", "render_inventory"]
