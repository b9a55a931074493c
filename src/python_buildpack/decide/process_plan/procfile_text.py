"""The text of a Procfile: what is an entry, what is a mistake that has one meaning only, and what cannot be understood.

Heroku takes every line ``type: command`` and passes over the others. The rule here: where only one thing can be meant,
it is taken, and said where what is written means something else; what can mean nothing is an error with its line.
"""

import posixpath
import re
from collections.abc import Iterator

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen, replace
from python_buildpack.decide.process_plan import shell
from python_buildpack.ports.notice import Notice
from python_buildpack.support.odd_characters import names_of_odd

FILE = "Procfile"
LINE = re.compile(r"(?P<type>[A-Za-z0-9._-]+)\s*:\s*(?P<command>\S.*)")
"""The process types that a launch.toml may have (Buildpack spec, "launch.toml"), which include all of Heroku's."""
WEB = "web"
SPACES = str.maketrans({"\u00a0": " ", "\u200b": None, "\ufeff": None})
"""Characters that editors and web pages put in, which look like a space or like nothing."""


class ProcfileInvalid(BuildpackError):
    """The Procfile has lines that are not of the form ``type: command``, or that shells do not understand.

    A command that a variable of the build gives counts as such a line.
    """

    code = "procfile-invalid"
    title = "The command of a process cannot be understood"


@frozen
class Entry:
    """One process that the app or its user names."""

    type: str
    command: str
    line: int = 0
    """The line of the Procfile."""
    folder: str = ""
    """The folder of the Procfile, in which the command starts, relative to the app directory."""
    variable: str = ""
    """The variable that it is from, if it is from none of the Procfile's lines."""

    @property
    def where(self) -> str:
        """Where it is written, for messages."""
        return self.variable or f"{posixpath.join(self.folder, FILE)}, line {self.line}"


@frozen
class Parsed:
    """The entries of a Procfile, one for each type, and what was taken otherwise than it is written."""

    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = field(default=())


def parse_procfile(text: str) -> Parsed:
    """Return the entries: blank lines and lines that begin with # are passed over.

    A line that ends in a backslash goes on in the next. Of several entries of one type the last counts, as on Heroku. A
    command that is in quotes as a whole is what is inside of them. ``Web`` is ``web``, where there is no other. Raises
    ProcfileInvalid, which names all faulty lines.
    """
    entries: list[Entry] = []
    faults: list[str] = []
    for number, line in _lines(text):
        match = LINE.fullmatch(line.strip())
        fault = _fault(line, match)
        if fault is not None:
            faults.append(f"{FILE}, line {number} {fault}")
        elif match is not None:
            entries.append(Entry(match["type"], match["command"], number))
    if faults:
        raise ProcfileInvalid(
            f"{'; '.join(faults)}.",
            "Write each process on one line, as in 'web: gunicorn app:app'; begin comments with #.",
        )
    return _meant(entries)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with the number of each one's first; what a backslash continues is one."""
    begun, first = "", 0
    for number, line in enumerate(text.translate(SPACES).splitlines(), start=1):
        if begun and LINE.fullmatch(line.strip()) and not line[0].isspace():
            # The backslash was a mistake: the next entry begins here.
            yield first, begun + "\\"
            begun = ""
        if not begun and (not line.strip() or line.lstrip().startswith("#")):
            continue
        first = first if begun else number
        stripped = line.rstrip()
        if (len(stripped) - len(stripped.rstrip("\\"))) % 2:
            begun += f"{stripped[:-1].strip() if begun else stripped[:-1].rstrip()} "
            continue
        yield first, begun + (line.strip() if begun else line)
        begun = ""
    if begun:
        yield first, begun + "\\"


def _fault(line: str, match: re.Match[str] | None) -> str | None:
    if match is None:
        return f"({line.strip()[:60]}) is not of the form 'type: command'"
    return fault_of(match["command"])


def fault_of(command: str) -> str | None:
    """Return what a shell would not understand in a command, to follow on the name of its place; None if nothing."""
    try:
        words = shell.wrap(command)
    except ValueError:
        return f"({command[:60]}) has a quote that is not closed, or ends in a backslash"
    if odd := names_of_odd(command):
        return f"({command[:60]}) has a character that is not what it looks like, {odd}: type the line again"
    if shell.has_bare_call(command):
        return "has parentheses that a shell does not take: put quotes around the app, as in 'app:create_app()'"
    return None if words else f"({command[:60]}) has no command"


def _meant(entries: list[Entry]) -> Parsed:
    notices: list[Notice] = []
    found: dict[str, Entry] = {}
    is_web_there = any(entry.type == WEB for entry in entries)
    for written in entries:
        entry = written
        if entry.type.lower() == WEB != entry.type and not is_web_there:
            entry = replace(entry, type=WEB)
            notices.append(_otherwise(entry, f"the type {written.type} is taken for {WEB}, which platforms start"))
        words = shell.words_of(entry.command)
        if len(words) == 1 and " " in words[0].value.strip() and words[0].value != entry.command:
            entry = replace(entry, command=words[0].value.strip())
            notices.append(_otherwise(entry, "the quotes around the whole command are left out"))
        earlier = found.pop(entry.type, None)
        if earlier is not None and earlier.command != entry.command:
            counts = f"it counts, and line {earlier.line}, which has the type {entry.type} too, does not"
            notices.append(_otherwise(entry, counts))
        found[entry.type] = entry
    return Parsed(tuple(found.values()), tuple(notices))


def _otherwise(entry: Entry, what: str) -> Notice:
    return Notice(f"The {FILE} is not read as it is written", f"{entry.where}: {what}. Correct the line.")
