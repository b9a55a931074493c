"""From what was read to what will be done: pure, so that a decision can be tested, explained and trusted.

No function here touches a file, the network, the clock or the environment: all of that comes in as values.
"""

import re
from collections.abc import Mapping

from cnb.errors import BuildpackError
from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import ENVIRONMENT_MARKER, Project
from python_buildpack.decide.python import DecisionInputs, decide_python
from python_buildpack.decide.recipe import ManagerChoice, Notice, Recipe
from python_buildpack.package_managers.environment_yml import FILES as CONDA_FILES
from python_buildpack.package_managers.environment_yml import INSTEAD
from python_buildpack.package_managers.registry import FALLBACK, MANAGERS, managers_for
from python_buildpack.settings import PACKAGE_MANAGER, REQUIREMENT, Settings, near_misses

MISSPELT = {
    "requirementstxttxt": "requirements.txt",
    "requirementtxt": "requirements.txt",
    "requirmentstxt": "requirements.txt",
    "requirementstext": "requirements.txt",
    "requirementstxt": "requirements.txt",
    "requirements": "requirements.txt",
    "pythonversion": ".python-version",
    "pythonversiontxt": ".python-version",
    "pythonversions": ".python-version",
    "runtimestxt": "runtime.txt",
    "runtimetext": "runtime.txt",
    "runtimetxt": "runtime.txt",
    "runtimetxttxt": "runtime.txt",
    "pipfile": "Pipfile",
    "pipfiletxt": "Pipfile",
    "pyprojecttml": "pyproject.toml",
    "pyprojecttoml": "pyproject.toml",
    "procfile": "Procfile",
    "procfiletxt": "Procfile",
}
"""The letters of names that people give by mistake, and the name that is looked for, case and all."""


_ELSEWHERE = re.compile(
    r"(?:[^/]+/){0,2}(?:requirements[\w.-]*\.txt|requirements/[\w.-]+\.txt)|"
    r"(?:[^/]+/){1,2}(?:pyproject\.toml|Pipfile|\w+\.lock)"
)
"""Declarations in folders, and files of requirements under names of their own."""
_FOR_DEVELOPERS = re.compile(r"dev|test|doc|lint|local|example", re.IGNORECASE)
_MOST_NAMED = 3


class PackageManagerUnknown(BuildpackError):
    """BP_PYTHON_PACKAGE_MANAGER names something that is not a package manager of this buildpack."""

    code = "package-manager-unknown"
    title = "This package manager is not known"


class PackageManagerFileMissing(BuildpackError):
    """BP_PYTHON_PACKAGE_MANAGER names a manager whose files the app does not have."""

    code = "package-manager-file-missing"
    title = "The chosen package manager has no file to work on"


def decide(project: Project, settings: Settings, inputs: DecisionInputs) -> Recipe:
    """Decide everything that is known before installing.

    Raises BuildpackErrors for what the app or the user has to correct.
    """
    python, python_notices = decide_python(project, settings, inputs)
    manager, manager_notices = _choose_manager(project, settings)
    return Recipe(python, manager, (*_notice_names(project, settings), *python_notices, *manager_notices))


def _choose_manager(project: Project, settings: Settings) -> tuple[ManagerChoice, tuple[Notice, ...]]:
    found = [(manager.name, file) for manager in managers_for(settings) if (file := manager.find(project)) is not None]
    wanted = settings.get(PACKAGE_MANAGER)
    if wanted is not None:
        return _chosen_manager(wanted.text, wanted.origin, dict(found)), ()
    if not found:
        choice = ManagerChoice(FALLBACK.name, "the app declares no dependencies in a form that is known", None)
        return choice, _notice_elsewhere(project)
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


def _notice_elsewhere(project: Project) -> tuple[Notice, ...]:
    """Return a notice of declarations that are not read, in an app that has none that are."""
    named = (path for path in project.files if _ELSEWHERE.fullmatch(path) and _letters(path) not in MISSPELT)
    found = sorted(
        path for path in named if not (_FOR_DEVELOPERS.search(path) or is_aside(path) or is_test_or_example(path))
    )
    if not found:
        return ()
    is_for_pip = any(path.endswith(".txt") for path in found)
    by_name = f"set {REQUIREMENT.name} to the path of one with requirements, or " if is_for_pip else ""
    return (
        Notice(
            "Dependencies are declared where nobody looks",
            f"Nothing is installed, though there is {', '.join(found[:_MOST_NAMED])}: without a setting, declarations "
            f"count in the app's root directory, and requirements.txt there by this name only. To install them, "
            f"{by_name}build the directory that is the app (pack build --path, source_dir on App Platform).",
        ),
    )


def _chosen_manager(name: str, origin: str, found: Mapping[str, str]) -> ManagerChoice:
    known = [manager.name for manager in MANAGERS]
    if name not in known:
        raise PackageManagerUnknown(f"{origin} is {name}, but there are: {', '.join(known)}.", f"Correct {origin}.")
    if name not in found:
        raise PackageManagerFileMissing(
            f"{origin} is {name}, but the app has no file of it.", f"Add the file, or remove {origin}."
        )
    return ManagerChoice(name, f"{origin} is {name}", found[name])


def _letters(name: str) -> str:
    """Return the letters of a name in lower case; none of one in a folder, which may be called as it likes."""
    return "" if "/" in name else "".join(character for character in name.casefold() if character.isalpha())


def _notice_names(project: Project, settings: Settings) -> tuple[Notice, ...]:
    misspelt = (
        Notice("A file name looks misspelt", f"{name} is not read; {meant} would be. Rename it if it was meant.")
        for name in sorted(project.files)
        if (meant := MISSPELT.get(_letters(name))) is not None and not project.has(meant)
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
    conda = (
        Notice(
            "Conda's file is not read",
            f"{name} does not count beside a declaration that can be installed. Packages or a Python version that only "
            "it names have to be named there, or in .python-version.",
        )
        for name in CONDA_FILES
        if any(project.has(file) for file in INSTEAD) and project.has(name)
    )
    variables = (
        Notice("A variable looks misspelt", f"{name} is not a setting of this buildpack; {meant} is.")
        for name, meant in near_misses(settings.env)
    )
    return (*misspelt, *committed, *conda, *variables)
