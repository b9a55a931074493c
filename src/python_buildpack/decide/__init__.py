"""Decides what a build will do, from what was read. Pure."""
