"""Layers with data that the app's packages need and that is no package: a file for each kind."""
