"""The verbs of ``./dev``: each module has a help text, ``add_arguments`` and ``run``."""
