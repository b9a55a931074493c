"""Looks over what was installed, for what would otherwise show when the app runs."""
