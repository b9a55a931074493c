"""Errors of the devkit: one sentence that says what is missing and what to do, never a traceback."""


class DevkitError(Exception):
    """Something that the developer has to put right before the command can work."""
