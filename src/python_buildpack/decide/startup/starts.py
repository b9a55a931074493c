"""With which modules and files of the app a process starts: what its command loads, as far as that is written out."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from cnb.frozen import frozen
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.named_apps import named_apps
from python_buildpack.decide.process_plan.program_file import modules_reached, program_file
from python_buildpack.decide.process_plan.targets import TARGET, Target, targets
from python_buildpack.decide.processes.frameworks.django import DJANGO, SETTINGS
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import shown
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES

_SOURCES = "src"
_SETTINGS_TEXT = re.compile(r"^(?:INSTALLED_APPS\b|from[ \t]+\S+[ \t]+import[ \t]+\*)", re.MULTILINE)
"""What only settings of Django have among the files beside them: the list of apps, or all of other settings."""

_SUBMODULES: Mapping[str, tuple[str, ...]] = {
    program: (queue.submodule,) for queue in TASK_QUEUES if queue.submodule for program in queue.programs
}


@frozen
class Starts:
    """What one process loads."""

    roots: tuple[str, ...]
    """Where it looks for modules, relative to the app directory."""
    modules: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    """Files that Python runs, relative to the app directory."""
    settings: str = ""
    """The module with Django's settings, which Django imports when it starts."""

    @property
    def is_inside(self) -> bool:
        """Whether all directories are the app's."""
        return not any(root.startswith(("/", "..")) for root in self.roots)


def starts_of(process: ProcessDecision, evidence: Evidence) -> Starts:
    """Return what a process loads of the app."""
    text = shell.unwrapped(shown((*process.command, *process.args)))
    found = list(targets(text))
    scripts = [_path(process, target.path) for target in found if target.path.endswith(".py")]
    modules = [name for target in found if target.module for name in _modules(target)]
    modules += [*_named(text), *_in_environment(process)]
    if not modules and not scripts and (info := program_file(text, evidence, process.directory)) is not None:
        scripts = [info.path]
    folders = [_path(process, folder) for target in found for folder in (target.folder, *target.folders)]
    beside = [path.rpartition("/")[0] for path in scripts]
    own = [_path(process, ""), process.import_root, *folders, *beside, *_roots_of(modules, evidence), *_given(evidence)]
    settings = _settings(process, modules, scripts, evidence)
    names = tuple(dict.fromkeys((*modules, settings) if settings else modules))
    return Starts(tuple(dict.fromkeys((*own, "", _SOURCES))), names, tuple(scripts), settings)


def _settings(process: ProcessDecision, modules: list[str], scripts: list[str], evidence: Evidence) -> str:
    """Return the settings module of a Django project that is started: of the environment, or what its files set."""
    if not evidence.has(*DJANGO.distributions):
        return ""
    given = {**dict(process.environment), **evidence.variables}.get(SETTINGS)
    infos = (*map(evidence.index.module, modules), *map(evidence.index.source, scripts))
    written = (info.defaults.get(SETTINGS, "") for info in infos if info is not None)
    return given or next((name for name in written if name and not _is_one_of_several(name, evidence)), "")


def _is_one_of_several(settings: str, evidence: Evidence) -> bool:
    """Return whether other settings are beside these, for other places: a variable of the container may choose them.

    Files that load these, or that these load, are no others.
    """
    default = evidence.index.module(settings)
    if default is None:
        return False
    folder = default.path.rpartition("/")[0]
    loaded = {info.path for info in modules_reached(default, evidence)}
    return any(
        info.path.rpartition("/")[0] == folder
        and info.path not in loaded
        and _SETTINGS_TEXT.search(evidence.project.sources.get(info.path, ""))
        and not any(other.path == default.path for other in modules_reached(info, evidence))
        for info in evidence.index.sources
    )


def _path(process: ProcessDecision, path: str) -> str:
    found = posixpath.normpath(posixpath.join(process.directory, path))
    return "" if found == "." else found


def _modules(target: Target) -> tuple[str, ...]:
    is_run = target.program.startswith("python")
    return (target.module, f"{target.module}.__main__") if is_run else (target.module,)


def _named(text: str) -> Iterator[str]:
    """Yield the modules that the workers of task queues are given: by an option, or as words."""
    for target in named_apps(text):
        yield target.module
        yield from (f"{target.module}.{name}" for name in _SUBMODULES.get(target.program, ()))
        # The last part may be an object.
        yield from [target.module.rpartition(".")[0]] if target.is_dotted and "." in target.module else []


def _in_environment(process: ProcessDecision) -> Iterator[str]:
    """Yield the modules that variables of the process name: ``FLASK_APP=app:app``."""
    for name, value in process.environment:
        found = TARGET.fullmatch(value) if name.endswith("_APP") else None
        yield from [found["module"]] if found else []


def _roots_of(modules: list[str], evidence: Evidence) -> Iterator[str]:
    for name in modules:
        info = evidence.index.module(name)
        if info is not None:
            yield info.place.root
    for own in evidence.members.included:
        yield from own.roots


def _given(evidence: Evidence) -> Iterator[str]:
    """Yield the directories that variables of the build add, those of the app relative to it."""
    home = f"{evidence.project.root}/"
    for name, value in evidence.variables.items():
        if name.endswith("PYTHONPATH"):
            yield from (path.removeprefix(home) for path in value.split(":") if path)
