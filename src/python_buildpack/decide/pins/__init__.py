"""For apps with pinned dependencies that declare no Python version: finds the newest one that the pins support."""
