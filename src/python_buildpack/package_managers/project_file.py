"""What several managers read from pyproject.toml."""

import json
import posixpath
import re
from collections.abc import Collection
from typing import Any

from packaging.utils import canonicalize_name

from cnb.frozen import replace
from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, strings, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.brought_by_extras import names_with_extras
from python_buildpack.package_managers.choices import Choices, read_choices
from python_buildpack.package_managers.requirement_files import requirement_name
from python_buildpack.settings.table import EXTRAS, GROUPS
from python_buildpack.settings.values import Settings

FILE = PYPROJECT
RYE_LOCK = "requirements.lock"
"""The lock of Rye (https://rye.astral.sh), a file of requirements that uv has written."""
RELEVANT_TABLES = ("project", "build-system", "dependency-groups")
"""The tables that an installation depends on, besides the manager's own; other tables, as of linters, do not matter."""

_ITSELF = re.compile(r"(?:-e\s*|--editable[=\s]\s*)?(?:file:)?\./?(?:\[[^\]]*\])?")


def relevant_tables(project: Project, *tools: str) -> str:
    """Return the tables of pyproject.toml by which dependencies are declared, and those of ``tools``, as JSON."""
    document = read_toml(project, FILE) or {}
    tables: dict[str, Any] = {name: document.get(name) for name in RELEVANT_TABLES}
    tool = pyproject_table(project, "tool")
    tables |= {f"tool.{name}": tool.get(name) for name in tools}
    return json.dumps(tables, sort_keys=True, default=str)


def declared_names(project: Project) -> frozenset[str]:
    """Return the normalised names of the dependencies in ``[project]`` and ``[tool.poetry]``."""
    listed = pyproject_table(project, "project").get("dependencies", [])
    names = [name for item in listed for name in names_with_extras(str(item))] if isinstance(listed, list) else []
    poetry = pyproject_table(project, "tool", "poetry", "dependencies")
    return frozenset(names) | {canonicalize_name(name) for name in poetry if name != "python"}


def default_groups(project: Project, settings: Settings, folder: str = "") -> tuple[str, ...]:
    """Return the groups that the project in a folder lists as its ``default-groups``, unless BP_PYTHON_GROUPS is set.

    Where it lists none, uv would install ``dev``, which is for developers
    (https://docs.astral.sh/uv/concepts/projects/dependencies/#default-groups).
    """
    if settings.get(GROUPS) is not None:
        return ()
    document = read_toml(project, posixpath.join(folder, FILE)) or {}
    listed = subtable(document, "tool", "uv").get("default-groups")
    return tuple(subtable(document, "dependency-groups")) if listed == "all" else tuple(strings(listed))


def project_choices(project: Project, settings: Settings) -> Choices:
    """Return the groups and extras that the settings name, and the project's default groups."""
    choices = read_choices(settings)
    return replace(choices, groups=(*choices.groups, *default_groups(project, settings)))


def names_in_groups(project: Project, groups: tuple[str, ...]) -> frozenset[str]:
    """Return the normalised names in some dependency groups, without those of groups that they include."""
    known = subtable(read_toml(project, FILE) or {}, "dependency-groups") if groups else {}
    return frozenset(name for group in groups for text in strings(known.get(group)) for name in names_with_extras(text))


def names_in_extras(project: Project, folder: str, extras: Collection[str]) -> frozenset[str]:
    """Return the normalised names in some extras of the project in a folder, which are given by normalised names."""
    document = read_toml(project, posixpath.join(folder, FILE)) or {} if extras else {}
    listed = subtable(document, "project", "optional-dependencies")
    chosen = (strings(texts) for extra, texts in listed.items() if canonicalize_name(extra) in extras)
    return frozenset(name for texts in chosen for text in texts for name in names_with_extras(text))


def chosen_by(project: Project, distribution: str) -> str:
    """Return the setting, with its value, that would install what a group or an extra lists; empty if none lists it.

    ``distribution`` is a normalised name.
    """
    document = read_toml(project, FILE) or {}
    extras = subtable(document, "project", "optional-dependencies")
    of_poetry = subtable(document, "tool", "poetry", "group")
    for group in subtable(document, "dependency-groups"):
        if distribution in names_in_groups(project, (group,)):
            return f"{GROUPS.name}={group}"
    for group in of_poetry:
        if any(canonicalize_name(name) == distribution for name in subtable(of_poetry, group, "dependencies")):
            return f"{GROUPS.name}={group}"
    listing = (name for name in extras if distribution in map(requirement_name, strings(extras.get(name))))
    return next((f"{EXTRAS.name}={name}" for name in listing), "")


def has_rye_lock(project: Project) -> bool:
    """Return whether the app is a project of Rye with its lock, and has no requirements.txt."""
    is_there = RYE_LOCK in project.files and not project.has("requirements.txt")
    return is_there and "rye" in subtable(read_toml(project, FILE) or {}, "tool")


def names_itself(project: Project) -> bool:
    """Return whether the requirements install the app's own project (``-e .``), and so include pyproject.toml."""
    file = RYE_LOCK if has_rye_lock(project) else "requirements.txt"
    text = project.text(file) if file in project.files else None
    return any(_ITSELF.fullmatch(line.partition(" #")[0].strip()) for line in (text or "").splitlines())
