"""Chooses the package manager for what the app declares. Pure."""

import re
from collections.abc import Mapping

from cnb.errors import BuildpackError
from python_buildpack.app.documents import pyproject_table
from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.hook_files import PRE_COMPILE
from python_buildpack.app.known_files import meant_by
from python_buildpack.app.project import Project
from python_buildpack.decide.recipe import ManagerChoice
from python_buildpack.package_managers.conda_files import propose_from_pixi
from python_buildpack.package_managers.environment_yml import EnvironmentYml
from python_buildpack.package_managers.registry import FALLBACK, MANAGERS, find_managers, manager_named
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import GROUPS, PACKAGE_MANAGER, REQUIREMENT, SUBDIRECTORY
from python_buildpack.settings.values import Settings

_LISTS = re.compile(r"(?:[^/]+/){0,2}(?:requirements[\w.-]*\.txt|requirements/[\w.-]+\.txt)")
"""Requirements files with other names, or in folders."""
_FILES = frozenset(file for manager in MANAGERS if manager.name != EnvironmentYml.name for file in manager.files)
_FOR_DEVELOPERS = re.compile(r"dev|test|doc|lint|local|example", re.IGNORECASE)
_SETUP = re.compile(r"\bsetup\s*\(")
"""The call in a setup.py: a module of the app may have the same name."""
_MOST_NAMED = 3
_DEEPEST = 2


class PackageManagerUnknown(BuildpackError):
    """BP_PYTHON_PACKAGE_MANAGER names a package manager that this buildpack does not have."""

    code = "package-manager-unknown"
    title = "This package manager is not known"
    remedies = ("variable",)


class PackageManagerFileMissing(BuildpackError):
    """BP_PYTHON_PACKAGE_MANAGER names a package manager for which the app has no file."""

    code = "package-manager-file-missing"
    title = "The app has no file for the chosen package manager"
    remedies = ("variable",)


def choose_manager(project: Project, settings: Settings) -> tuple[ManagerChoice, tuple[Notice, ...]]:
    """Return the manager with the reason, and notices about the choice.

    Raises PackageManagerUnknown, PackageManagerFileMissing and CondaNotSupported.
    """
    found = find_managers(project, settings)
    wanted = settings.get(PACKAGE_MANAGER)
    if wanted is not None:
        return _chosen_manager(wanted.text, wanted.origin, found, settings), _notice_conda(project, found)
    if not found:
        choice = ManagerChoice(FALLBACK.name, "the app has no file that declares dependencies", None)
        return choice, (*_notice_groups(project), *_notice_elsewhere(project))
    (name, file), *others = found.items()
    # A hook may still write another declaration, and then this is asked again.
    if name == EnvironmentYml.name and not project.has(PRE_COMPILE):
        raise EnvironmentYml().refusal(project)
    notices = tuple(notice for other, _ in others for notice in _notice_unused(project, settings, found, name, other))
    return ManagerChoice(name, f"the app has {file}", file), (*_notice_conda(project, found), *notices)


def _notice_unused(
    project: Project, settings: Settings, found: Mapping[str, str], name: str, other: str
) -> tuple[Notice, ...]:
    """Return a notice about the file of another manager: what it alone names is not installed.

    None if it names nothing else, as a setup.py whose requirements.txt has the same, or more, with versions.
    A lock may have other versions, so it is always worth a notice.
    """
    used, unused = manager_named(name, settings), manager_named(other, settings)
    try:
        alone = sorted(unused.declared(project) - used.declared(project))
    except BuildpackError:
        # The reason is reported where the file is used.
        return ()
    if not alone and unused.locks is None:
        return ()
    more = f" and {len(alone) - _MOST_NAMED} more" if len(alone) > _MOST_NAMED else ""
    names = f", which alone names {', '.join(alone[:_MOST_NAMED])}{more}" if alone else ""
    return (
        Notice(
            "The app has files of two package managers",
            f"{found[name]} is used and {found[other]} is not{names}. Delete the one that is not needed, or choose by "
            f"setting {PACKAGE_MANAGER.name} to {name} or {other}.",
        ),
    )


def _notice_conda(project: Project, found: Mapping[str, str]) -> tuple[Notice, ...]:
    """Return a notice about Conda's file in an app that also has a file that is used."""
    file = EnvironmentYml().find(project)
    if EnvironmentYml.name in found:
        return ()
    if file is None and propose_from_pixi(pyproject_table(project, "tool", "pixi")).requirements:
        file = "[tool.pixi] of pyproject.toml"
    if file is None:
        return ()
    return (
        Notice(
            "Conda's file is not read",
            f"{file} is not used, because the app has a file of another package manager. Packages that only {file} "
            "names have to be added there, and a Python version to .python-version.",
        ),
    )


def declared_in(choice: ManagerChoice) -> str | None:
    """Return where somebody adds a dependency of the app, for a cure; None if it declares none."""
    manager = manager_named(choice.name)
    if choice.file is None or manager.locks is None or choice.file == manager.locks:
        return choice.file
    return f"{manager.locks} and lock again"


def _notice_groups(project: Project) -> tuple[Notice, ...]:
    """Return a notice about the dependency groups (PEP 735) of a pyproject.toml that has nothing else to install."""
    groups = list(pyproject_table(project, "dependency-groups"))
    if not groups:
        return ()
    first = next((group for group in groups if not _FOR_DEVELOPERS.search(group)), groups[0])
    return (
        Notice(
            "No dependency group is installed",
            f"pyproject.toml has no project, and of its groups ({', '.join(groups)}) none is installed without being "
            f"named: {GROUPS.name}={first}, say, as a variable of the build.",
        ),
    )


def _notice_elsewhere(project: Project) -> tuple[Notice, ...]:
    """Return a notice about dependency files that are not read, in an app without one that is read."""
    named = (path for path in project.files if _is_elsewhere(path) and not _is_aside(path))
    found = sorted(
        path for path in named if not path.endswith("/setup.py") or _SETUP.search(project.sources.get(path, "setup("))
    )
    if not found:
        return ()
    is_for_pip = any(path.endswith(".txt") for path in found)
    by_name = f"set {REQUIREMENT.name} to the path of one with requirements, or " if is_for_pip else ""
    return (
        Notice(
            "Dependencies are declared in files that are not read",
            f"Nothing is installed, though there is {', '.join(found[:_MOST_NAMED])}: only files in the app's root "
            f"directory are read, and requirements only from requirements.txt. To install them, "
            f"{by_name}choose the folder that is the app: {SUBDIRECTORY.name}={_folder(found[0])}, or build that "
            "directory (pack build --path, source_dir on App Platform).",
        ),
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "FOLDER"


def _is_elsewhere(path: str) -> bool:
    """Say whether a file declares dependencies, but is in a folder or has another name."""
    folder, _, name = path.rpartition("/")
    in_folder = folder != "" and path.count("/") <= _DEEPEST and name in _FILES
    return in_folder or (_LISTS.fullmatch(path) is not None and meant_by(path) is None)


def _is_aside(path: str) -> bool:
    return _FOR_DEVELOPERS.search(path) is not None or is_aside(path) or is_test_or_example(path)


def _chosen_manager(name: str, origin: str, found: Mapping[str, str], settings: Settings) -> ManagerChoice:
    known = [manager.name for manager in MANAGERS]
    if name not in known:
        raise PackageManagerUnknown(f"{origin} is {name}, but there are: {', '.join(known)}.", f"Correct {origin}.")
    if name not in found:
        raise PackageManagerFileMissing(
            f"{origin} is {name}, but the app has no file for it, such as {manager_named(name, settings).files[0]}. "
            f"It has {', '.join(found.values()) or 'no file of any package manager'}.",
            f"Add the file (is it ignored by git, or in another folder?), or correct {origin}.",
        )
    return ManagerChoice(name, f"{origin} is {name}", found[name])
