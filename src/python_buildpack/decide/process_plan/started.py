"""What a command really starts: the program that a package manager or a task runner before it would start.

A Procfile is often written on a machine that has such a tool, where ``uv run main.py`` is how everything is started.
The image has the environment, and not the tool. So the tool is taken off, and a task of its table put in the place of
its name, where it is certain that the same program starts; anything else stays as it is, with the reason.
"""

import itertools
import re
import shlex
from collections.abc import Iterator, Mapping

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cnb.frozen import frozen
from python_buildpack.app.documents import PYPROJECT
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.environment_paths import without_environment
from python_buildpack.decide.process_plan.own_commands import uninstalled_command
from python_buildpack.decide.process_plan.program_paths import NOT_THERE, SYSTEM, program_at
from python_buildpack.decide.process_plan.runners.interface import Runner, Tasks
from python_buildpack.decide.process_plan.runners.registry import RUNNERS
from python_buildpack.decide.process_plan.runners.task_text import function_text, task_text
from python_buildpack.decide.processes.interface import Evidence

MAX_TOOLS = 6
"""How many tools may stand one before the other, or in one line."""
BEFORE = frozenset({"exec", "env", "command", "nohup", "time", "setsid", "dumb-init", "tini", "ddtrace-run",
                    "opentelemetry-instrument", "--"})  # fmt: skip
"""Words before a program that leave it what it is, as do those of a shell's syntax and assignments."""
VALUED: Mapping[str, frozenset[str]] = {
    "env": frozenset({"-u", "--unset"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "timeout": frozenset({"-s", "--signal", "-k", "--kill-after"}),
    "stdbuf": frozenset({"-i", "-o", "-e", "--input", "--output", "--error"}),
    "xvfb-run": frozenset({"-n", "--server-num", "-s", "--server-args", "-e", "--error-file", "-w", "--wait"}),
}
"""Such programs that have options: those of their options that take the next word."""


@frozen
class Taken:
    """One tool that was taken off a command."""

    tool: str
    words: str
    """What the line had: ``uv run --frozen``."""
    task: str = ""
    """The task in the line, with its table: ``start of [scripts] in Pipfile``."""
    added: tuple[str, ...] = ()
    """Distributions that the tool would have added and that are not installed."""
    ignored: tuple[str, ...] = ()
    """Options that nothing takes the place of: files of variables."""
    why: str = ""
    """Why it is not needed, if not because the app's environment is active anyway."""


@frozen
class KeptTool:
    """One tool that stays in a command, because what it starts is not certain."""

    tool: str
    reason: str


@frozen
class Started:
    """A command without the tools that are not in the image, and how each was treated."""

    command: str
    taken: tuple[Taken, ...] = ()
    kept: tuple[KeptTool, ...] = ()


def started(command: str, evidence: Evidence) -> Started:
    """Return what a command starts."""
    inner = shell.unwrapped(command)
    if inner != command:
        found = started(inner, evidence)
        return found if found.taken else Started(command, kept=found.kept)
    taken: list[Taken] = []
    kept: tuple[KeptTool, ...] = ()
    for _ in range(MAX_TOOLS):
        steps = list(_steps(command, evidence))
        kept = tuple(dict.fromkeys(step for step in steps if isinstance(step, KeptTool)))
        change = next((step for step in steps if isinstance(step, _Change)), None)
        if change is None:
            break
        taken.append(change.taken)
        command = change.command
    return Started(command, tuple(taken), kept)


@frozen
class _Change:
    command: str
    taken: Taken


@frozen
class _Use:
    """A tool in a line: its own words, and those after its verb."""

    runner: Runner
    line: str
    words: tuple[shell.Word, ...]
    """Those of the simple command from the tool's name on."""
    begin: int
    """Where the simple command begins in the line."""
    after: int
    """How many words the name and the verb are, with the options before them."""
    directory: str = ""

    @property
    def is_prefixed(self) -> bool:
        return bool(self.line[self.begin : self.words[0].start].strip())


def _steps(line: str, evidence: Evidence) -> Iterator["_Change | KeptTool"]:
    found = without_environment(line, evidence.project)
    if found is not None:
        yield _Change(found.line, Taken(found.folder, found.was, why=NOT_THERE))
    for use in _uses(line, evidence):
        yield _step(use, evidence)
    for words, _ in _commands(line):
        if program := program_at(words[0].value, evidence):
            text = f"{line[: words[0].start]}{program}{line[words[0].end :]}"
            yield _Change(text, Taken("", words[0].value, why=NOT_THERE))
        own = uninstalled_command(words[0].value, evidence)
        if own is not None:
            text = function_text(own["module"], own["function"], own["arguments"] or "()")
            changed = f"{line[: words[0].start]}{text}{line[words[0].end :]}"
            yield _Change(changed, Taken("", words[0].value, f"{words[0].value} of the commands in {PYPROJECT}"))


def _uses(line: str, evidence: Evidence) -> Iterator[_Use]:
    """Yield the tools in a line that are not in the image and start something."""
    for words, offset in _commands(line):
        for runner in RUNNERS:
            use = None if evidence.has(runner.brought_by) else _use(runner, line, words, offset, evidence)
            if use is not None:
                yield use
                break


def _commands(line: str) -> Iterator[tuple[tuple[shell.Word, ...], int]]:
    """Yield the words of each simple command from its program on, and where the simple command begins."""
    for segment, offset in shell.segments(line):
        words = program_words(shell.words_of(segment, offset))
        if words:
            yield words, offset


def program_words(words: tuple[shell.Word, ...]) -> tuple[shell.Word, ...]:
    """Return a simple command from its program on: without assignments, a shell's syntax, ``exec`` and ``env``."""
    while words:
        first = SYSTEM.sub("", words[0].value, count=1)
        if first in VALUED:
            words = _after_options(words[1:], VALUED[first])
            # The first word after timeout's options is the duration.
            words = words[1:] if first == "timeout" else words
        elif first in BEFORE | shell.KEYWORDS or shell.ASSIGNMENT.match(first):
            words = words[1:]
        else:
            break
    return words[2:] if [word.value for word in words[:2]] == ["newrelic-admin", "run-program"] else words


def _after_options(words: tuple[shell.Word, ...], valued: frozenset[str]) -> tuple[shell.Word, ...]:
    while words and words[0].value.startswith("-"):
        words = words[2:] if words[0].value in valued else words[1:]
    return words


def _use(runner: Runner, line: str, words: tuple[shell.Word, ...], begin: int, evidence: Evidence) -> _Use | None:
    at = _name_at(runner, words)
    if at is None:
        return None
    first, moved = _options(runner, words, at + 1)
    for verb in runner.verbs:
        end = first + len(verb)
        if not verb:
            use = _Use(runner, line, words, begin, at + 1)
            name = words[target.at].value if (target := _target(use)).at < len(words) else ""
            if runner.is_installing or _task_of(runner, name, evidence):
                return use
        elif tuple(word.value for word in words[first:end]) == verb:
            return _Use(runner, line, words, begin, end, moved)
    return None


def _name_at(runner: Runner, words: tuple[shell.Word, ...]) -> int | None:
    """Return which word is the tool's name: the first, or the module in ``python -m poetry``."""
    values = [word.value.rpartition("/")[2] for word in words[:3]]
    if values[:1] == [runner.name]:
        return 0
    modules = {runner.name, runner.brought_by}
    is_module = len(values) > 2 and values[0].startswith("python") and values[1] == "-m" and values[2] in modules  # noqa: PLR2004
    return 2 if is_module else None


def _options(runner: Runner, words: tuple[shell.Word, ...], at: int) -> tuple[int, str]:
    """Return where options end that stand before a verb, and the directory that they name."""
    directory = ""
    while at < len(words) and words[at].value.startswith("-"):
        name, has_value, value = words[at].value.partition("=")
        takes = not has_value and name in runner.valued | runner.moves
        if name in runner.moves:
            directory = value or (words[at + 1].value if at + 1 < len(words) else "")
        at += 2 if takes else 1
    return at, directory


def _task_of(runner: Runner, name: str, evidence: Evidence) -> Tasks | None:
    tasks = runner.tasks(evidence.project)
    return tasks if tasks is not None and name in tasks.table else None


@frozen
class _Target:
    """What follows a tool's verb: its options, and which word the program is."""

    at: int
    mode: str = ""
    """``module`` or ``script`` after an option that says so."""
    directory: str = ""
    source: str = ""
    added: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def _target(use: _Use) -> _Target:
    runner, words, at = use.runner, use.words, use.after
    mode, directory, source = "", use.directory, ""
    added: list[str] = []
    ignored: list[str] = []
    while at < len(words) and words[at].value.startswith("-") and words[at].value != "-":
        name, has_value, value = words[at].value.partition("=")
        at += 1
        if name == "--":
            break
        mode = "module" if name in runner.module else "script" if name in runner.script else mode
        if name not in runner.valued | runner.moves | runner.adds | {runner.source}:
            continue
        if not has_value and at < len(words):
            value, at = words[at].value, at + 1
        directory = value if name in runner.moves else directory
        source = value if name == runner.source else source
        added += value.split(",") if name in runner.adds else []
        ignored += [f"{name} {value}"] if name == "--env-file" else []
    return _Target(at, mode, directory, source, tuple(added), tuple(ignored))


def _step(use: _Use, evidence: Evidence) -> _Change | KeptTool:
    target = _target(use)
    name = use.runner.name
    if target.at >= len(use.words):
        return KeptTool(name, "nothing follows that it would start")
    word = use.words[target.at]
    task = f"{_environment(use)}{word.value}"
    tasks = _task_of(use.runner, task, evidence) if not target.mode else None
    rest = _rest(use, word.end)
    if use.runner.is_installing and (lacking := _lacking(target.source or word.value, evidence)):
        return KeptTool(name, f"would install {lacking}, which is not among the app's dependencies: add it to them")
    text = task_text(tasks, task, rest) if tasks else f"{_program(use, target)}{f' {rest}' if rest else ''}"
    if not tasks and re.match(r"\+|[\w.-]+:[\w.-]+$", word.value):
        # Hatch names an environment with its scripts so.
        return KeptTool(name, f"{word.value} is none of its scripts")
    if tasks and text is None:
        return KeptTool(name, f"what {task} of {tasks.where} starts depends on more than its command")
    if text is None or not _fits(use, text, target.directory):
        return KeptTool(name, "what it starts cannot replace it in this line")
    return _Change(
        _replaced(use, text, target.directory),
        Taken(
            name,
            use.line[use.words[0].start : word.start].strip(),
            f"{task} of {tasks.where}" if tasks else "",
            tuple(item for item in target.added if _lacking(item, evidence)),
            (*target.ignored, *_files_of_variables(use.runner, evidence)),
        ),
    )


def _environment(use: _Use) -> str:
    """Return what an option before the verb puts before the name of a task: ``prod:`` for ``hatch -e prod run``."""
    before = use.words[: use.after]
    for word, following in itertools.pairwise(before):
        name, _, value = word.value.partition("=")
        if name in use.runner.environment:
            return f"{value or following.value}:"
    return ""


def _files_of_variables(runner: Runner, evidence: Evidence) -> tuple[str, ...]:
    """Return the files of variables that a tool reads without being asked, if the app has one."""
    return tuple(name for name in runner.reads if evidence.project.has(name))


def _rest(use: _Use, end: int) -> str:
    """Return what follows the program in its simple command, as it is written."""
    last = use.words[-1].end
    return use.line[end:last].strip()


def _program(use: _Use, target: _Target) -> str:
    """Return the program as a shell takes it."""
    word = use.words[target.at]
    raw = use.line[word.start : word.end]
    if raw == "-" and use.runner.runs_files:
        return "python -"
    if target.mode == "module":
        return f"python -m {raw}"
    if target.mode == "script" or (use.runner.runs_files and word.value.endswith(".py")):
        return f"python {raw}"
    if use.runner.is_installing:
        # uvx takes a version after the program's name.
        return shlex.quote(re.split(r"[@\[<>=~!]", word.value)[0])
    return raw


def _fits(use: _Use, text: str, directory: str) -> bool:
    """Say whether what a tool starts can stand where the tool stood: several commands only between && and ;."""
    is_simple = not directory and not any(True for _ in shell.separators_of(text))
    begins = shell.words_of(text)[:1]
    is_program = bool(begins) and begins[0].value not in shell.KEYWORDS | shell.BUILTINS
    if is_simple and is_program:
        return True
    around = {use.line[begin:end] for begin, end in shell.separators_of(use.line)}
    is_last = use.words[-1].end == max(word.end for word in shell.words_of(use.line))
    return around <= {"&&", ";"} and not use.is_prefixed and is_last


def _replaced(use: _Use, text: str, directory: str) -> str:
    before = use.line[: use.words[0].start]
    where = f"cd {shlex.quote(directory)} && " if directory else ""
    if use.is_prefixed and shell.ASSIGNMENT.match(text):
        # After a program such as exec, a shell takes no assignments.
        text = f"env {text}"
    return f"{before}{where}{text}{use.line[use.words[-1].end :]}"


def _lacking(requirement: str, evidence: Evidence) -> str:
    """Return the distribution that a requirement names if it is not installed, else ""."""
    try:
        name = canonicalize_name(Requirement(requirement.partition("@")[0]).name)
    except ValueError:
        return requirement
    return "" if evidence.has(name) else name
