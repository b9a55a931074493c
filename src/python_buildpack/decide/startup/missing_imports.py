"""Imports of modules that nobody provides, which are reached when a process starts.

Found is only what certainly fails: a chain of statements from what the process loads, each of which runs whenever its
module is imported (not in a function, ``try``, ``if`` or another block), to a module that is not installed, not of that
name anywhere in the app, and not Python's own. Nothing is found where modules may come from a place that was not read:
another directory on ``sys.path``, a hook of the import system, a later change of the environment.
"""

import re
import sys
from collections.abc import Iterator

from cnb.frozen import field, frozen, replace
from python_buildpack.app.file_roles import is_usual_name
from python_buildpack.decide.process_plan.programs import PROGRAMS
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import shown
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.decide.startup.app_modules import AppModules, AppNames
from python_buildpack.decide.startup.django_settings import named_in, settings_modules
from python_buildpack.decide.startup.starts import Starts, starts_of
from python_buildpack.installed.imports.lacking import is_lacking
from python_buildpack.installed.imports.modules import Module
from python_buildpack.installed.imports.reach import Edge, Reach
from python_buildpack.installed.imports.reading import Import, is_certain
from python_buildpack.installed.imports.stdlib_modules import GAINED, LOST
from python_buildpack.installed.imports.top_level import is_importable, is_namespace

_PROFILE = ".profile"
_BEFORE = (
    *("sitecustomize.py", "usercustomize.py"),
    *(server.configuration.file for server in SERVERS if server.configuration),
)
"""Files that Python or a server runs before it imports the app's modules."""
_SETS_PATH = re.compile(r"pythonpath|sys\.path|sys\.meta_path|addsitedir", re.IGNORECASE)
_LINE_ELSEWHERE = re.compile(
    r"pythonpath[= ][\"']?(?:[^\s;&]*[:\"'])?[/~$]|"
    r"\b(?:pip3?|uv|poetry|pdm|pipenv)\b[^;&|]*\b(?:install|sync|add)\b",
    re.IGNORECASE,
)
"""A command that looks for modules outside of the app, or that installs some when the container starts."""
_MOST = 20
"""Missing modules that are named: with more of them, nothing the app declares was installed."""
_ELSEWHERE = re.compile(
    r"sys\.path\b[^\n]*(?:[\"']/|environ|getenv|expanduser|\.(?:zip|whl|egg)[\"'])|"
    r"addsitedir|sys\.meta_path|sys\.path_hooks"
)
"""Text that makes Python look for modules where nobody has looked."""
_PATH_EDIT = re.compile(r"sys\.path\b[^\n]*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ELSEWHERE_NAME = re.compile(r"^[ \t]*(\w+)[ \t]*=[^\n]*(?:[\"']/|environ|getenv|expanduser)", re.MULTILINE)
"""A variable that has such a place, for an edit of ``sys.path``."""
_OF_PYTHON = frozenset({*sys.stdlib_module_names, *GAINED, *LOST, "pkg_resources", "__main__"})
"""Modules of any Python. Of those that went, with pkg_resources, removed_modules.py speaks."""


@frozen
class Missing:
    """An import that fails when some processes start."""

    module: str
    """The full name of what nobody provides."""
    path: str
    """The file with the import, relative to the app directory."""
    line: int
    text: str
    """The line itself."""
    through: tuple[str, ...]
    """The files that lead to it, from the one with which the process starts."""
    came: str = ""
    """The first Python with the module, if a newer one has it."""
    processes: tuple[str, ...] = field(default=())
    """The types of the processes; none if there is no process, and the file is only likely to start one."""


@frozen
class Loaded:
    """What one process certainly loads of the app."""

    type: str
    reach: Reach
    settings: tuple[Module, ...] = ()
    """The module with Django's settings, and those whose settings it takes over, if it is one of them."""

    @property
    def all_modules(self) -> Iterator[Module]:
        """Yield the modules, and the files that Python runs."""
        yield from (*self.reach.starts, *self.reach.modules.values())


def loaded_by(processes: tuple[ProcessDecision, ...], evidence: Evidence) -> tuple[Loaded, ...]:
    """Return what each process loads, as far as all places were read in which it looks for modules.

    Without a process: what a file with a usual name of an entry loads.
    """
    names = AppNames(evidence.project)
    # A text that a container's shell reads before it starts the process.
    if not names.is_whole or "PYTHONPATH" in (evidence.project.text(_PROFILE) or ""):
        return ()
    if any(_SETS_PATH.search(evidence.project.sources.get(name, "")) for name in _BEFORE):
        return ()
    lines = [(process, shown((*process.command, *process.args))) for process in processes]
    starts = [
        (process.type, starts_of(process, evidence)) for process, line in lines if not _LINE_ELSEWHERE.search(line)
    ]
    likely = [path for path in evidence.project.sources if "/" not in path and is_usual_name(path)]
    starts = starts if processes else [("", Starts(("", "src"), scripts=(path,))) for path in likely]
    found = (_loaded(kind, start, names, evidence) for kind, start in starts if start.is_inside)
    return tuple(loaded for loaded in found if not any(map(_looks_elsewhere, _texts(loaded))))


def _looks_elsewhere(text: str) -> bool:
    """Return whether a text makes Python look for modules outside of the app, or where a variable says."""
    if _ELSEWHERE.search(text):
        return True
    named = {name for line in _PATH_EDIT.findall(text) for name in _NAME.findall(line)} - {"sys", "path"}
    return any(name in named for name in _ELSEWHERE_NAME.findall(text)) if named else False


def _loaded(kind: str, start: Starts, names: AppNames, evidence: Evidence) -> Loaded:
    modules = AppModules(evidence.project, start.roots, names, evidence.installed.modules or frozenset())
    scripts = tuple(modules.script(path) for path in start.scripts)
    reach = Reach(modules, start.modules, scripts, certainly=True)
    settings = reach.modules.get(start.settings)
    return Loaded(kind, reach, settings_modules(settings, reach) if settings is not None else ())


def missing_imports(loaded: tuple[Loaded, ...], evidence: Evidence, minor: str) -> tuple[Missing, ...]:
    """Return what certainly fails, each module once, on a minor version of Python."""
    installed = evidence.installed.modules
    if installed is None:
        return ()
    found: dict[str, Missing] = {}
    for one in loaded:
        for edge in (*one.reach.unresolved, *_of_settings(one)):
            for name in _lacking(edge, installed, minor) if len(found) < _MOST else ():
                if name not in found or one.type not in found[name].processes:
                    missing = found.get(name) or _missing(name, edge, one, evidence)
                    if missing is not None:
                        types = (*missing.processes, one.type) if one.type else ()
                        found[name] = replace(missing, processes=types)
    return tuple(found.values())


def _of_settings(loaded: Loaded) -> Iterator[Edge]:
    """Yield what Django imports because its settings name it."""
    for index, named in named_in(*(module.text() for module in loaded.settings)):
        yield Edge(loaded.settings[index], Import(named.line, True, 0, named.name, ()), named.name)


def _lacking(edge: Edge, installed: frozenset[str], minor: str) -> Iterator[str]:
    """Yield the full names that a statement imports and that no distribution and no Python of this version has."""
    target = edge.target
    top = target.partition(".")[0]
    if edge.statement.level or not top:
        return
    if top in _OF_PYTHON:
        came = GAINED.get(target) or GAINED.get(top, "")
        if is_lacking(minor, "", came) and not is_importable(top, installed):
            yield target if target in GAINED else top
        return
    if is_namespace(target, installed):
        names = (f"{target}.{name}" for name in edge.statement.names)
        yield from (name for name in names if not is_importable(name, installed))
    elif not is_importable(target, installed):
        yield target if is_namespace(top, installed) else top


def _missing(name: str, edge: Edge, loaded: Loaded, evidence: Evidence) -> Missing | None:
    """Return what is said of an import; None if it may not fail, or not run."""
    top = name.partition(".")[0]
    made = re.compile(rf"sys\.modules\b[^\n]*[\"']{re.escape(name)}[\"']|install_as_{re.escape(top)}\b")
    # A program may have a module inside of itself, as uWSGI has.
    is_embedded = evidence.has(*PROGRAMS.get(top, ()))
    if is_embedded or top in AppNames(evidence.project).names or any(map(made.search, _texts(loaded))):
        return None
    chain = list(_chain(edge, loaded.reach))
    imports = chain if edge in loaded.reach.unresolved else chain[1:]
    if not all(is_certain(one.importer.text(), one.statement.line) for one in imports):
        return None
    text = edge.importer.text().split("\n")[edge.statement.line - 1].strip()
    through = tuple(dict.fromkeys(_relative(one, evidence) for one in reversed(chain)))
    return Missing(name, through[-1], edge.statement.line, text, through, GAINED.get(name, ""))


def _chain(edge: Edge | None, reach: Reach) -> Iterator[Edge]:
    while edge is not None:
        yield edge
        edge = reach.why.get(edge.importer.name)


def is_certainly_loaded(module: Module, reach: Reach) -> bool:
    """Return whether each import on the way to a module runs whenever its own module is imported."""
    return all(is_certain(one.importer.text(), one.statement.line) for one in _chain(reach.why.get(module.name), reach))


def _relative(edge: Edge, evidence: Evidence) -> str:
    return edge.importer.path.relative_to(evidence.project.root).as_posix()


def _texts(loaded: Loaded) -> Iterator[str]:
    return (module.text() for module in loaded.all_modules)
