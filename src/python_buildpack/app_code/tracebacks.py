"""Reads the exception that ended a Python program from what the program printed. Pure."""

import re
from collections.abc import Iterator

from cnb.frozen import frozen

_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'^\s+File "(?P<file>[^"\n]+)", line (?P<line>\d+)')
_RAISED = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
_MESSAGE_LINES = 20
"""Lists of errors, as pydantic prints them, have several lines; what comes long after is another program's output."""
_SEARCHED = 1 << 18
_INSTALLED = ("/site-packages/", "/dist-packages/")
_IN_HANDLING = "During handling of the above exception, another exception occurred:"
_FROM = "The above exception was the direct cause of the following exception:"
_IMPORT_SYSTEM = ("<frozen importlib", "/importlib/__init__.py")


@frozen
class Frame:
    """One call in a traceback."""

    file: str
    line: int
    source: str
    """The text of the line, if it was printed."""

    @property
    def is_of_import_system(self) -> bool:
        """Whether Python's own code of the import statement is called, which says nothing about a failure."""
        return any(part in self.file for part in _IMPORT_SYSTEM)

    @property
    def package(self) -> str | None:
        """The name of the installed package that has the file, or None."""
        for folder in _INSTALLED:
            before, found, rest = self.file.partition(folder)
            if before and found:
                return rest.partition("/")[0].removesuffix(".py")
        return None


@frozen
class Raised:
    """An exception that ended a program."""

    kind: str
    """The name of its class, with that of its module."""
    message: str
    """It may have several lines."""
    frames: tuple[Frame, ...]
    """The calls that led to it, the innermost last."""
    names_cause: bool = False
    """Whether ``raise … from`` names the exception before it as its cause."""

    @property
    def name(self) -> str:
        """The name of its class without that of its module."""
        return self.kind.rpartition(".")[2]

    @property
    def innermost(self) -> Frame | None:
        """The call that raised it, those of the import system left out; None if there is no other."""
        return next((frame for frame in reversed(self.frames) if not frame.is_of_import_system), None)

    def last_in(self, root: str) -> Frame | None:
        """Return the innermost call in a file below ``root``, which is the app's directory, or None."""
        return next(reversed(self.all_in(root)), None)

    def all_in(self, root: str) -> tuple[Frame, ...]:
        """Return the calls in files below ``root``, those of packages that are installed there left out."""
        own = (frame for frame in self.frames if frame.file.startswith(f"{root.rstrip('/')}/"))
        return tuple(frame for frame in own if frame.package is None)


def last_exceptions(output: str) -> tuple[Raised, ...]:
    """Return the exceptions whose tracebacks were printed, the last one first.

    In a chain ("The above exception was the direct cause of …") the last one ended the program, and its cause follows.
    """
    lines = output[-_SEARCHED:].splitlines()
    begins = [number for number, line in enumerate(lines) if line.strip() == _BEGIN]
    found = (_read(lines[begin + 1 :]) for begin in reversed(begins))
    return tuple(raised for raised in found if raised is not None)


def last_chain(output: str) -> tuple[Raised, ...]:
    """Return the exception that ended the program, with those in whose handling it was raised, the oldest first."""
    lines = output[-_SEARCHED:].splitlines()
    begins = [number for number, line in enumerate(lines) if line.strip() == _BEGIN]
    chain: list[Raised] = []
    for begin in reversed(begins):
        raised = _read(lines[begin + 1 :])
        if raised is None:
            break
        before = next((line.strip() for line in reversed(lines[:begin]) if line.strip()), "")
        chain.insert(0, Raised(raised.kind, raised.message, raised.frames, before == _FROM))
        if before not in (_FROM, _IN_HANDLING):
            break
    return tuple(chain)


def _read(lines: list[str]) -> Raised | None:
    end = next((number for number, line in enumerate(lines) if line and not line[0].isspace()), None)
    match = _RAISED.match(lines[end]) if end is not None else None
    if end is None or match is None:
        return None
    more = _until_blank(lines[end + 1 : end + _MESSAGE_LINES])
    message = "\n".join((match["message"] or "", *more)).strip()
    return Raised(match["kind"], message, tuple(_frames(lines[:end])))


def _until_blank(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            return
        yield line


def _frames(lines: list[str]) -> Iterator[Frame]:
    for number, line in enumerate(lines):
        if match := _FRAME.match(line):
            after = lines[number + 1].strip() if number + 1 < len(lines) else ""
            source = "" if _FRAME.match(lines[number + 1] if after else "") else after
            yield Frame(match["file"], int(match["line"]), source)
