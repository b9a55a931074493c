"""What several managers read from pyproject.toml."""

import json
import re
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml
from python_buildpack.app.project import Project
from python_buildpack.package_managers.requirement_files import requirement_name

FILE = PYPROJECT
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
    names = {requirement_name(str(item)) for item in listed} if isinstance(listed, list) else set()
    poetry = pyproject_table(project, "tool", "poetry", "dependencies")
    return frozenset(name for name in names if name) | {canonicalize_name(name) for name in poetry if name != "python"}


def names_itself(project: Project) -> bool:
    """Return whether requirements.txt installs the app's own project (``-e .``), and so includes pyproject.toml."""
    text = project.text("requirements.txt") if "requirements.txt" in project.files else None
    return any(_ITSELF.fullmatch(line.partition(" #")[0].strip()) for line in (text or "").splitlines())
