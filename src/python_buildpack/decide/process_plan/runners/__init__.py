"""Tools that start another program (``poetry run``, ``uvx``, ``poe``), most of which are not in the image."""
