"""Decides the processes of an image: from the Procfile, or from the kinds of apps in the source."""
