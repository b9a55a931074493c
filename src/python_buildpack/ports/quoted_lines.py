"""Quotes the line of the app's file that a message names, so that nobody has to open the file to see it."""

import re
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.support.odd_characters import ODD, code_of
from python_buildpack.support.small_files import is_inside, read_small

_PLACE = (
    r"(?P<file>[^\s\"'`(),;]+), line (?P<line>\d{1,7})\b"
    r"(?:,? (?:column|character) (?P<column>\d{1,7})\b)?"
)
"""How messages name a line. Not compiled at import: only a failure needs it."""
_LONGEST = 200
"""Characters of a line that are shown."""


@frozen
class Quote:
    """A line of a file of the app."""

    file: str
    number: int
    text: str
    column: int | None = None
    """Where in the line, from 1 on, if the message says it."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what is shown: the line with its number, a caret below it, and what cannot be seen in it."""
        before = f"{self.number} | "
        shown = self.text if len(self.text) <= _LONGEST else f"{self.text[:_LONGEST]} ..."
        odd = dict.fromkeys(character for character in shown if character in ODD)
        lines = [before + _made_visible(shown)]
        if self.column is not None and 0 < self.column <= min(len(self.text) + 1, _LONGEST):
            left = _made_visible(shown[: self.column - 1])
            lines.append(" " * (len(before) + len(left)) + "^")
        lines += [f"<{code_of(character)}> is a {ODD[character]}; type that place again" for character in odd]
        return tuple(lines)


def quote(message: str, app: Path) -> Quote | None:
    """Return the first line that a message names, or None if it names none of the app's files.

    ``app`` is the app directory. Nothing outside of it is read.
    """
    for place in re.finditer(_PLACE, message):
        lines = _text_in(app, place["file"]).splitlines()
        number = int(place["line"])
        if 0 < number <= len(lines) and (line := lines[number - 1].rstrip()):
            return Quote(place["file"], number, line, int(place["column"]) if place["column"] else None)
    return None


def _made_visible(text: str) -> str:
    # A tab has another width in each terminal, and the caret is to be below its character.
    visible = (f"<{code_of(character)}>" if character in ODD else character for character in text)
    return "".join(visible).replace("\t", " ")


def _text_in(app: Path, name: str) -> str:
    """Return the text of a file of the app; empty if there is none, or if a link leads out of the app."""
    path = app / name
    return read_small(path) if is_inside(path, app) else ""
