"""Shortens what an installer prints: the beginning and the end of a long output, without its lists of packages.

A compiler prints thousands of lines, and what failed is in the last ones. Lists of packages are said again by the
buildpack, with what has changed. BP_LOG_LEVEL=debug shows all of it.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable

_FIRST = 20
_LAST = 25
_COLOURS = r"\x1b\[[0-9;:]{0,40}m"
_OF_UV = (
    r"[ \t]*(?:[+~-] [A-Za-z0-9][\w.-]*(?:==| \(from )|Using (?:C?Python|Python) [^\n]* environment at|"
    r"Downloaded [A-Za-z0-9][\w.-]*$)"
)
"""Lists of packages, and the environment, whose place says nothing to anybody. Not compiled at import."""


class Condensed:
    """Passes lines on to ``report``: the first ones at once, the last ones at the end, and how many are between."""

    def __init__(self, report: Callable[[str], None], first: int = _FIRST, last: int = _LAST) -> None:
        self._report = report
        self._left = first
        self._held: deque[str] = deque(maxlen=last)
        self._number = 0

    def feed(self, line: str) -> bool:
        """Take a line, and return whether it was shown."""
        if re.match(_OF_UV, re.sub(_COLOURS, "", line)):
            return False
        if self._left > 0:
            self._left -= 1
            self._report(line)
            return True
        self._held.append(line)
        self._number += 1
        return False

    def finish(self) -> None:
        """Show the last lines."""
        if omitted := self._number - len(self._held):
            self._report(f"({omitted} lines are left out; BP_LOG_LEVEL=debug shows them)")
        for line in self._held:
            self._report(line)
        self._held.clear()
        self._number = 0


def show_condensed(lines: Iterable[str], report: Callable[[str], None]) -> None:
    """Show the output of an installer that has ended."""
    condensed = Condensed(report)
    for line in lines:
        condensed.feed(line)
    condensed.finish()
