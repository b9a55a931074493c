"""The ``dependencies`` layer: the virtual environment of the app."""
