"""From what was read to what will be done: pure, so that a decision can be tested, explained and trusted.

No function here touches a file, the network, the clock or the environment: all of that comes in as values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cnb.errors import BuildpackError
from python_buildpack.interpreter.inventory import Interpreter, Inventory
from python_buildpack.interpreter.request import Range, VersionRequest, parse_version_request
from python_buildpack.interpreter.resolve import resolve
from python_buildpack.managers.registry import FALLBACK, MANAGERS
from python_buildpack.project import ENVIRONMENT_MARKER, Project
from python_buildpack.recipe import ManagerChoice, Notice, PythonChoice, Recipe
from python_buildpack.settings import PACKAGE_MANAGER, Settings, near_misses
from python_buildpack.version_sources.interface import Declaration
from python_buildpack.version_sources.registry import VERSION_SOURCES

PREVIOUS_MINOR = "python-minor"
"""Key in store.toml: the minor version that the previous image was built with."""

MISSPELT = {
    "requirement.txt": "requirements.txt",
    "requirments.txt": "requirements.txt",
    "requirements.text": "requirements.txt",
    "Requirements.txt": "requirements.txt",
    "REQUIREMENTS.txt": "requirements.txt",
    "requirements": "requirements.txt",
    ".python_version": ".python-version",
    "runtimes.txt": "runtime.txt",
    "Runtime.txt": "runtime.txt",
    "pipfile": "Pipfile",
    "procfile": "Procfile",
    "Procfile.txt": "Procfile",
}
"""Names that people give by mistake, and the one that is looked for. File names are case-sensitive in an image."""


class PackageManagerUnknown(BuildpackError):
    """BP_PYTHON_PACKAGE_MANAGER names something that is not a package manager of this buildpack."""

    code = "package-manager-unknown"
    title = "This package manager is not known"


class PackageManagerFileMissing(BuildpackError):
    """BP_PYTHON_PACKAGE_MANAGER names a manager whose files the app does not have."""

    code = "package-manager-file-missing"
    title = "The chosen package manager has no file to work on"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the version sources say: the one that counts, and those below it."""

    winner: Declaration | None
    others: tuple[Declaration, ...]
    notices: tuple[Notice, ...]


def decide(
    project: Project, settings: Settings, arch: str, inventory: Inventory, previous: Mapping[str, object]
) -> Recipe:
    """Decide everything that is known before installing.

    ``arch`` is the target's CNB architecture, ``previous`` the previous build's store.toml. Raises BuildpackErrors for
    what the app or the user has to correct.
    """
    asked = _ask_version_sources(project, settings)
    python = _choose_python(asked, inventory, arch, previous)
    manager, manager_notices = _choose_manager(project, settings)
    notices = (
        *_notice_names(project, settings),
        *asked.notices,
        *_notice_contradictions(asked, python),
        *manager_notices,
    )
    return Recipe(python, manager, notices)


def _ask_version_sources(project: Project, settings: Settings) -> Asked:
    found: list[Declaration] = []
    notices: list[Notice] = []
    for read in VERSION_SOURCES:
        try:
            declaration = read(project, settings)
        except BuildpackError as error:
            if not found:
                raise
            notices.append(Notice("A Python version that does not count cannot be read", f"{error.what}"))
            continue
        if declaration is not None:
            found.append(declaration)
    if not found:
        return Asked(None, (), tuple(notices))
    notices += [Notice("More than one version", text) for text in found[0].notices]
    return Asked(found[0], tuple(found[1:]), tuple(notices))


def _choose_python(asked: Asked, inventory: Inventory, arch: str, previous: Mapping[str, object]) -> PythonChoice:
    if asked.winner is not None:
        interpreter = resolve(asked.winner.request, inventory, arch)
        reason = f"{asked.winner.origin} asks for {asked.winner.request.text}"
        return PythonChoice(interpreter, reason + _which_of_range(asked.winner.request, interpreter, inventory))
    minor = previous.get(PREVIOUS_MINOR)
    if isinstance(minor, str) and minor != inventory.default:
        request = parse_version_request(minor, "the previous build")
        return PythonChoice(
            resolve(request, inventory, arch),
            f"the previous build used {minor} and the app names no version; new apps get {inventory.default}",
        )
    interpreter = resolve(parse_version_request(inventory.default, "the default"), inventory, arch)
    return PythonChoice(interpreter, "the app names no version and this is the default; .python-version would pin it")


def _which_of_range(request: VersionRequest, interpreter: Interpreter, inventory: Inventory) -> str:
    """Say why this version, where several would do."""
    if not isinstance(request.wanted, Range):
        return ""
    is_default = interpreter.minor == inventory.default
    return f", and {interpreter.minor} is {'the default' if is_default else 'the newest that allows'}"


def _notice_contradictions(asked: Asked, python: PythonChoice) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            "Two places disagree about the Python version",
            f"{other.origin} asks for {other.request.text}, which {python.interpreter.version} is not. "
            f"{python.because.partition(' asks')[0]} goes first; make the two agree.",
        )
        for other in asked.others
        if not other.request.allows(python.interpreter)
    )


def _choose_manager(project: Project, settings: Settings) -> tuple[ManagerChoice, tuple[Notice, ...]]:
    found = [(manager.name, file) for manager in MANAGERS if (file := manager.find(project)) is not None]
    wanted = settings.get(PACKAGE_MANAGER)
    if wanted is not None:
        return _chosen_manager(wanted.text, wanted.origin, dict(found)), ()
    if not found:
        return ManagerChoice(FALLBACK.name, "the app declares no dependencies in a form that is known", None), ()
    (name, file), *others = found
    notices = tuple(
        Notice(
            "The app has files of two package managers",
            f"{file} is used and {other_file} is not. Delete the one that does not count, or choose by setting "
            f"{PACKAGE_MANAGER.name} to {name} or {other}.",
        )
        for other, other_file in others
    )
    return ManagerChoice(name, f"the app has {file}", file), notices


def _chosen_manager(name: str, origin: str, found: Mapping[str, str]) -> ManagerChoice:
    known = [manager.name for manager in MANAGERS]
    if name not in known:
        raise PackageManagerUnknown(f"{origin} is {name}, but there are: {', '.join(known)}.", f"Correct {origin}.")
    if name not in found:
        raise PackageManagerFileMissing(
            f"{origin} is {name}, but the app has no file of it.", f"Add the file, or remove {origin}."
        )
    return ManagerChoice(name, f"{origin} is {name}", found[name])


def _notice_names(project: Project, settings: Settings) -> tuple[Notice, ...]:
    misspelt = (
        Notice("A file name looks misspelt", f"{name} is not read; {meant} would be. Rename it if it was meant.")
        for name, meant in MISSPELT.items()
        if name in project.files and not project.has(meant)
    )
    committed = (
        Notice(
            "A virtual environment is part of the source",
            f"{path.removesuffix(ENVIRONMENT_MARKER)} is not used: it was made for another machine. Remove it from the "
            "repository and ignore it.",
        )
        for path in sorted(project.files)
        if path.endswith(f"/{ENVIRONMENT_MARKER}")
    )
    variables = (
        Notice("A variable looks misspelt", f"{name} is not a setting of this buildpack; {meant} is.")
        for name, meant in near_misses(settings.env)
    )
    return (*misspelt, *committed, *variables)
