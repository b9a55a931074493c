"""Programs that start what a file names: honcho, supervisord, circusd. It is looked at as the lines of a script are."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cnb.frozen import frozen
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.procfile_text import FILE, LINE, fault_of
from python_buildpack.decide.process_plan.shell_scripts import MAX_CHARACTERS, file_text
from python_buildpack.decide.process_plan.targets import option_values, placed
from python_buildpack.decide.processes.interface import Evidence

_SECTION = re.compile(r"\[(?P<name>[\w-]+)(?::[^\]]*)?\]")
_SETTING = re.compile(r"(?P<name>\w+)\s*[=:]\s*(?P<value>\S.*)")


@frozen
class ProcessManager:
    """How one of them is given its file, and what the file has."""

    options: tuple[str, ...]
    """Options that name the file."""
    commands: Callable[[str], Iterator[tuple[int, str]]]
    """Yields the commands in the text of the file, each with the number of its line."""
    usual: str = ""
    """The file that it takes if none is named, relative to where it starts."""
    takes_word: bool = False
    """Whether a word that is no option names the file."""


def of_procfile(text: str) -> Iterator[tuple[int, str]]:
    """Yield the commands of a Procfile, with their lines."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := LINE.fullmatch(line.strip()):
            yield number, match["command"]


def _of_sections(section: str, setting: str) -> Callable[[str], Iterator[tuple[int, str]]]:
    def commands(text: str) -> Iterator[tuple[int, str]]:
        inside = False
        for number, line in enumerate(text.splitlines(), 1):
            if begins := _SECTION.match(line):
                inside = begins["name"] == section
            elif inside and (match := _SETTING.match(line)) and match["name"] == setting:
                yield number, re.sub(r"\s+;.*", "", match["value"]).strip()

    return commands


MANAGERS: Mapping[str, ProcessManager] = MappingProxyType(
    {
        "honcho": ProcessManager(("-f", "--procfile"), of_procfile),
        "supervisord": ProcessManager(
            ("-c", "--configuration"), _of_sections("program", "command"), usual="supervisord.conf"
        ),
        "circusd": ProcessManager((), _of_sections("watcher", "cmd"), takes_word=True),
    }
)


def managed_lines(command: str, evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """Yield the commands that the last program of a command starts, in the form of ``shell_scripts.script_lines``."""
    found = _file(command, evidence)
    if found is not None:
        path, manager = found
        for number, line in manager.commands(file_text(path, evidence)):
            if 0 < len(line) <= MAX_CHARACTERS and not fault_of(line):
                yield f"{path}, line {number}", "", line


def _file(command: str, evidence: Evidence) -> tuple[str, ProcessManager] | None:
    """Return the file of the app from which the last program of a command starts others, and that program's row."""
    last = next(iter(reversed(list(placed(shell.unwrapped(command))))), None)
    if last is None:
        return None
    words, folder, _ = last
    manager = MANAGERS.get(words[0].value.rpartition("/")[2])
    if manager is None:
        return None
    values = [word.value for word in words[1:]]
    named = list(option_values(values, manager.options))
    named += [value for value in values if manager.takes_word and not value.startswith("-")]
    path = posixpath.normpath(posixpath.join(folder, next(iter(named), manager.usual)))
    # Its own Procfile would start itself: system_tools.py.
    return (path, manager) if path in evidence.project.files and path != FILE else None
