"""The apps that commands name by an option or as a dotted word: ``celery -A shop.tasks``, ``arq jobs.Settings``.

Task queues, and Flask's own command, take a module, and perhaps an object in it after a colon or after a dot. Which
options and words these are stands in the rows of the queues and frameworks.
"""

from collections.abc import Iterator

from packaging.version import Version

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.targets import (
    MODULE,
    TARGET,
    Target,
    folders_of,
    is_literal,
    option_values,
    placed,
    positional,
)
from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.launch import shown
from python_buildpack.decide.processes.workers.interface import TaskQueue
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES
from python_buildpack.ports.notice import Notice

_KINDS: tuple[TaskQueue | WebFramework, ...] = (*TASK_QUEUES, *APP_KINDS)
_OPTIONS = {program: kind.app_options for kind in _KINDS if kind.app_options for program in kind.programs}
_QUEUES = {program: queue for queue in TASK_QUEUES for program in queue.programs}


def named_apps(command: str) -> Iterator[Target]:
    """Yield the modules that the programs of a command name so, with the object in them after a colon."""
    for everything, folder, paths in placed(command):
        is_module = everything[0].value.startswith("python") and [word.value for word in everything[1:2]] == ["-m"]
        words = everything[2:] if is_module and len(everything) > len(("python", "-m")) else everything
        values = [word.value for word in words]
        program = values[0].rpartition("/")[2]
        names = list(option_values(values, _OPTIONS.get(program, ())))
        queue = _QUEUES.get(program)
        given = list(option_values(values, queue.folder_options)) if queue else []
        if not all(map(is_literal, given)):
            continue
        if queue and queue.names_from is not None:
            names += list(positional(values, queue.list_options))[queue.names_from :]
        folders = folders_of(folder, (*paths, *given))
        for name in names:
            found = TARGET.fullmatch(name)
            if found:
                yield Target(words, folder, found["module"], found["name"], folders=folders)
            elif MODULE.fullmatch(name) and not name.endswith(".py"):
                yield Target(words, folder, name, folders=folders, is_dotted=True)


def notice_order(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for a queue whose installed version refuses the option with its app behind the sub-command."""
    for words, _, _ in placed(shell.unwrapped(command)):
        values = [word.value for word in words]
        program = values[0].rpartition("/")[2]
        queue = next((queue for queue in TASK_QUEUES if queue.app_first and program in queue.programs), None)
        if queue is None or not values[2:] or values[1].startswith("-") or values[1] in queue.passing_on:
            continue
        version = evidence.installed.version(queue.programs[program])
        option = next((value for value in values[2:] if value.partition("=")[0] in queue.app_options), "")
        if option and version is not None and _is_at_least(version, queue.app_first):
            at = values.index(option)
            app = values[at : at + 1] if "=" in option else values[at : at + 2]
            right = shown((values[0], *app, *values[1:at], *values[at + len(app) :]))
            yield Notice(
                f"{program} takes {option.partition('=')[0]} before {values[1]}",
                f"{where} has {option.partition('=')[0]} behind {values[1]}, which {queue.name} {queue.app_first} and "
                f"newer refuse; {version} is installed. Write '{right}'.",
            )


def _is_at_least(version: str, other: str) -> bool:
    try:
        return Version(version) >= Version(other)
    except ValueError:
        return False
