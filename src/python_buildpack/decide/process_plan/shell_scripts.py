"""The shell scripts of the app that commands start: what would be said of a line of the Procfile is said of theirs.

A script is not changed, and its lines are read only as far as it is certain that they run: not what is under a
condition, in a loop or in a function, and not what stands behind an ``exec``.
"""

import re
from collections.abc import Iterator

from python_buildpack.app.project import ProjectFileUnreadable
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.environment_paths import without_environment
from python_buildpack.decide.process_plan.procfile_text import fault_of
from python_buildpack.decide.process_plan.program_paths import NOT_THERE
from python_buildpack.decide.process_plan.started import Started, Taken, started
from python_buildpack.decide.process_plan.targets import last_target
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.servers import OPTION_VARIABLES

MAX_LINES = 200
MAX_CHARACTERS = 4000
"""Of one command: longer ones are passed over."""
_BESIDE = frozenset({"nginx", "caddy", "haproxy", "envoy", "supervisord", "service"})
_OPENING = re.compile(r"\b(?:if|for|while|until|case)\b|[({]$")
_CLOSING = re.compile(r"(?:fi|done|esac)\b|[)}]")
_MOVES = re.compile(r"(?:cd|pushd|popd)\b")
_CHANGES = re.compile(rf"\b(?:{'|'.join(('PYTHONPATH', *sorted(OPTION_VARIABLES)))})=|[;&|]\s*(?:cd|pushd|popd)\b")
"""What changes where later lines look, in a way that is not followed."""
_TESTS = frozenset({"[", "[[", "test", "command", "which", "type", "hash", "grep", "!"})
"""Programs that are asked for their status: what follows may not run."""
_ENDS = re.compile(r"(?:[A-Za-z_]\w*=\S*\s+)*exec\s+[^\s<>&\d]|exit\b|return\b")
_UNREAD = re.compile(r"\$\(|`")
_HERE = re.compile(r"<<-?\s*['\"]?(?P<end>\w+)")


def script_lines(command: str, evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """Yield the commands of the script with which a command ends: where each is written, for people, and its text.

    Between the two is what has to be before the text so that it starts in the same directory: ``cd backend && ``. Lines
    that take the output of other commands are passed over. It ends where directories or variables that decide what is
    found are set in another way.
    """
    path = script_path(command, evidence)
    before = ""
    for number, line in _lines(file_text(path, evidence) if path else ""):
        if _CHANGES.search(line):
            return
        if _MOVES.match(line):
            if not re.fullmatch(r"cd\s+[\w./-]+", line) or line.split()[1].startswith("/"):
                return
            before += f"{line} && "
        elif not _UNREAD.search(line) and not fault_of(line) and (certain := _certain(line)):
            yield f"{path}, line {number}", before, certain
        if _ENDS.match(line):
            return


def script_path(command: str, evidence: Evidence) -> str:
    """Return the path of the app's script with which a command ends, "" if it ends with something else."""
    target = last_target(shell.unwrapped(command))
    path = target.path if target is not None else ""
    is_script = target is not None and (target.program in shell.SHELLS or path.endswith(".sh"))
    return path if target is not None and is_script and path in evidence.project.files and not target.folder else ""


def started_in_script(line: str, evidence: Evidence) -> Started:
    """Return what a line of a script would have to be: nothing, if it only activates an environment."""
    if without_environment(line, evidence.project) is None:
        alone = without_environment(f"{line} && true", evidence.project)
        if alone is not None and alone.was == line.strip():
            return Started("", (Taken(alone.folder, alone.was, why=NOT_THERE),))
    return started(line, evidence)


def is_beside(line: str) -> bool:
    """Say whether a line starts something that goes on beside what follows: in the background, or a web server."""
    separators = {line[begin:end] for begin, end in shell.separators_of(line)}
    return "&" in separators or any(words[0].rpartition("/")[2] in _BESIDE for words in shell.programs(line))


def _certain(line: str) -> str:
    """Return what certainly runs of a line: nothing after a test, and nothing behind ``||``."""
    first = [words[0].value for part, offset in shell.segments(line) if (words := shell.words_of(part, offset))]
    if len(first) > 1 and not _TESTS.isdisjoint(first):
        return ""
    others = (begin for begin, end in shell.separators_of(line) if line[begin:end] == "||")
    return line[: next(others, len(line))].strip()


def file_text(path: str, evidence: Evidence) -> str:
    """Return the text of a file of the app; empty if it cannot be read."""
    try:
        return evidence.project.text(path) or ""
    except ProjectFileUnreadable:
        return ""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the commands that certainly run, with the number of their first line."""
    depth = 0
    for begin, command in _commands(text):
        is_opening = _OPENING.search(command) is not None
        if _CLOSING.match(command):
            depth = max(depth - 1, 0)
        elif is_opening:
            is_closed = re.search(r"(?:;|\s)(?:fi|done|esac)\s*;?$|\}$", command) is not None
            depth += not is_closed
        elif not depth and 0 < len(command) <= MAX_CHARACTERS:
            yield begin, command


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """Yield all commands, with the number of the first line of each, without comments and files inside of a script."""
    joined, start, end = "", 0, ""
    for number, line in enumerate(text.splitlines()[:MAX_LINES], 1):
        if end:
            end = "" if line.strip() == end else end
            continue
        start = start or number
        joined += line
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined = joined[:-1]
            continue
        if shell.is_unclosed(joined):
            joined += "\n"
            if len(joined) > MAX_CHARACTERS:
                # Where it ends is not looked for.
                return
            continue
        here = _HERE.search(joined)
        end = here["end"] if here else ""
        if not end and not joined.lstrip().startswith("#"):
            yield start, joined.strip()
        joined, start = "", 0
