"""Layers with data that packages of the app need and that is not a package itself: one file for each kind."""
