"""Quotes the line of the app's file that a message names, so that nobody has to open the file to see it."""

import re
from pathlib import Path

from python_buildpack.support.small_files import is_inside, read_small

_PLACE = r"(?P<file>[^\s\"'`(),;]+), line (?P<line>\d{1,7})\b"
"""How messages name a line. Not compiled at import: only a failure needs it."""
_LONGEST = 200
"""Characters of a line that are shown."""


def quoted_line(message: str, app: Path) -> str | None:
    """Return the first line that a message names, with its number, or None if it names none of the app's files.

    ``app`` is the app directory. Nothing outside of it is read.
    """
    for place in re.finditer(_PLACE, message):
        lines = _text_in(app, place["file"]).splitlines()
        number = int(place["line"])
        if 0 < number <= len(lines) and (line := lines[number - 1].rstrip()):
            shown = line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."
            return f"{number} | {shown}"
    return None


def _text_in(app: Path, name: str) -> str:
    """Return the text of a file of the app; empty if there is none, or if a link leads out of the app."""
    path = app / name
    return read_small(path) if is_inside(path, app) else ""
