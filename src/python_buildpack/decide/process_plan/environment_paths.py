r"""Commands that name a virtual environment by its path, as it is on a developer's machine or on Heroku.

The image has the environment in another place, with its programs on PATH. So ``.venv/bin/gunicorn`` is ``gunicorn``,
and ``source .venv/bin/activate &&`` is left out; ``venv\Scripts\python`` is Windows' way to write it. Pure.
"""

import posixpath
import re

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan import shell

_ENVIRONMENT = re.compile(
    r"(?P<folder>(?:/(?!layers/|cnb/)|\./|\$HOME/|\$\{HOME\}/|~/)?(?:[\w.-]+/)*(?:\.venv|venv|\.env|env|virtualenv)"
    r"|/app/\.heroku/python)/bin/(?P<program>[\w.-]+)"
)
_WINDOWS = re.compile(
    r"(?P<folder>(?:[A-Za-z]:|\.)?[\\/]*(?:[\w.-]+[\\/]+)+)Scripts[\\/]+(?P<program>[\w.-]+?)(?:\.exe)?"
)
_PYTHON = re.compile(r"python[\d.]*")


@frozen
class Replaced:
    """A line without one path of an environment."""

    line: str
    was: str
    """What stood there."""
    folder: str
    """The environment's directory, as the line names it."""


def without_environment(line: str, project: Project) -> Replaced | None:
    """Return the line without the first path of an environment that is not in the app, or None if it has none."""
    for segment, offset in shell.segments(line):
        words = shell.words_of(segment, offset)
        while words and (words[0].value in shell.KEYWORDS | {"exec"} or shell.ASSIGNMENT.match(words[0].value)):
            words = words[1:]
        if not words:
            continue
        is_activation = words[0].value in {".", "source"} and len(words) == len((".", "activate"))
        found = _ENVIRONMENT.fullmatch(words[is_activation].value) or _on_windows(line, words[is_activation])
        if found is None or _is_there(found["folder"], project):
            continue
        if is_activation and found["program"] == "activate":
            if (changed := _without_command(line, words[0].start, words[1].end)) is not None:
                return Replaced(changed, line[words[0].start : words[1].end], found["folder"])
        elif not is_activation:
            program = _PYTHON.sub("python", found["program"])
            changed = f"{line[: words[0].start]}{program}{line[words[0].end :]}"
            return Replaced(changed, line[words[0].start : words[0].end], found["folder"].rstrip("\\"))
    return None


def _on_windows(line: str, word: shell.Word) -> re.Match[str] | None:
    """Return the parts of a path as Windows writes it, which a shell of the image would read without backslashes."""
    return _WINDOWS.fullmatch(line[word.start : word.end].strip("'\""))


def _is_there(folder: str, project: Project) -> bool:
    """Say whether the app has programs in this place, which are then its own."""
    programs = posixpath.normpath(f"{folder}/bin")
    return any(path.startswith(f"{programs}/") for path in project.files)


def _without_command(line: str, begin: int, end: int) -> str | None:
    """Return the line without a command that is followed by another one, else None."""
    for separator_begin, separator_end in shell.separators_of(line):
        if separator_begin >= end and not line[end:separator_begin].strip():
            is_sequence = line[separator_begin:separator_end] in {"&&", ";"}
            rest = line[separator_end:].lstrip()
            return f"{line[:begin]}{rest}" if is_sequence and rest else None
    return None
