r"""Commands that name a virtual environment by its path, as it is on a developer's machine or on Heroku.

The image has the environment in another place, with its programs on PATH. So ``.venv/bin/gunicorn`` is ``gunicorn``,
and ``source .venv/bin/activate &&`` is left out; ``venv\Scripts\python`` is Windows' way to write it. Pure.
"""

import itertools
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
_USUAL = re.compile(r"(?:^|[\\/])(?:\.?v?env|virtualenv)[\\/]*$")
"""The folder of an environment by its name: with slashes alone, others may have programs in Scripts, too."""
_OPENING = frozenset({"if", "for", "while", "until", "case"})
_CLOSING = frozenset({"fi", "done", "esac"})
_ACTIVATE = frozenset({"activate", "activate.bat", "activate.ps1"})
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
        is_sourced = words[0].value in {".", "source"} and len(words) == len((".", "activate"))
        found = _ENVIRONMENT.fullmatch(words[is_sourced].value) or _on_windows(line, words[is_sourced])
        if found is None or _is_there(found["folder"], project):
            continue
        end = words[is_sourced].end
        # On Windows, it is a command of its own: venv\Scripts\activate.bat
        if found["program"].lower() in _ACTIVATE:
            begin = _begin(line, words[0].start, found["folder"])
            changed = None if begin is None else _without_command(line, begin, end)
            if changed is not None:
                return Replaced(changed, line[words[0].start : end], found["folder"].rstrip("\\/"))
        elif not is_sourced:
            program = _PYTHON.sub("python", found["program"])
            changed = f"{line[: words[0].start]}{program}{line[words[0].end :]}"
            return Replaced(changed, line[words[0].start : words[0].end], found["folder"].rstrip("\\/"))
    return None


def _begin(line: str, begin: int, folder: str) -> int | None:
    """Return where that begins which is left out with an activation; None if it is under a condition of another kind.

    A test for the environment before it, as in ``[ -d venv ] && . venv/bin/activate; gunicorn app``, is left out, too:
    it fails in the image, and nothing would be started after it. Of ``then . venv/bin/activate; fi`` nothing is, as a
    shell takes no ``then fi``.
    """
    ends = [separator for separator in shell.separators_of(line) if separator[1] <= begin]
    mark = line[slice(*ends[-1])] if ends else ""
    if mark == "||" or _is_inside(line[:begin]):
        return None
    start = ends[-2][1] if ends[1:] else 0
    before = shell.words_of(line[start : ends[-1][0]], start) if mark == "&&" else ()
    if not before or before[0].value not in {"[", "[[", "test"}:
        return begin
    is_plain = not ends[1:] or line[slice(*ends[-2])] in {"&&", ";"}
    is_of_folder = any(folder.rstrip("\\/") in word.value for word in before)
    return before[0].start if is_plain and is_of_folder else None


def _is_inside(text: str) -> bool:
    """Say whether what follows on a text is inside of an ``if``, a loop or a ``case`` that begins in it."""
    depth = 0
    for segment, _ in shell.segments(text):
        keywords = itertools.takewhile(shell.KEYWORDS.__contains__, (word.value for word in shell.words_of(segment)))
        depth += sum((word in _OPENING) - (word in _CLOSING) for word in keywords)
    return depth > 0


def _on_windows(line: str, word: shell.Word) -> re.Match[str] | None:
    """Return the parts of a path as Windows writes it, which a shell of the image would read without backslashes."""
    found = _WINDOWS.fullmatch(line[word.start : word.end].strip("'\""))
    return found if found and ("\\" in found[0] or _USUAL.search(found["folder"])) else None


def _is_there(folder: str, project: Project) -> bool:
    """Say whether the app has programs in this place, which are then its own."""
    base = folder.replace("\\", "/")
    programs = tuple(f"{posixpath.normpath(f'{base}/{name}')}/" for name in ("bin", "Scripts"))
    return any(path.startswith(programs) for path in project.files)


def _without_command(line: str, begin: int, end: int) -> str | None:
    """Return the line without a command that is followed by another one, else None."""
    for separator_begin, separator_end in shell.separators_of(line):
        if separator_begin >= end and not line[end:separator_begin].strip():
            is_sequence = line[separator_begin:separator_end] in {"&&", ";"}
            rest = line[separator_end:].lstrip()
            return f"{line[:begin]}{rest}" if is_sequence and rest else None
    return None
