"""What several managers read from pyproject.toml."""

import hashlib
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

COMPILED = (
    *(".c", ".cc", ".cpp", ".cxx", ".cu", ".S", ".h", ".hh", ".hpp", ".hxx", ".pyx", ".pxd", ".pxi"),
    *(".rs", ".f", ".for", ".f90", "CMakeLists.txt", "meson.build", "Cargo.toml", "Cargo.lock"),
)
"""Suffixes of sources of extension modules, and of files that control how they are compiled."""

_ITSELF = re.compile(r"(?:-e\s*|--editable[=\s]\s*)?(?:file:)?\./?(?:\[[^\]]*\])?")


def relevant_tables(project: Project, *tools: str) -> str:
    """Return the tables of pyproject.toml that an installation depends on, and those of ``tools``, as JSON."""
    document = read_toml(project, FILE) or {}
    tables: dict[str, Any] = {name: document.get(name) for name in RELEVANT_TABLES}
    tool = pyproject_table(project, "tool")
    tables |= {f"tool.{name}": tool.get(name) for name in tools}
    return json.dumps(tables, sort_keys=True, default=str)


def source_layout(project: Project) -> str:
    """Return the names of the app's modules and packages, on which an editable installation of the app depends.

    Python files may change without a new installation. Sources of extension modules may not: installing compiles them.
    """
    packages = (path for path in project.files if path.endswith("/__init__.py") and path.count("/") <= 2)  # noqa: PLR2004 - src/package/__init__.py
    modules = (path for path in project.files if path.endswith(".py") and "/" not in path)
    return "".join(f"{path}\n" for path in sorted((*packages, *modules))) + compiled_sources(project)


def compiled_sources(project: Project) -> str:
    """Return a line with path and digest of each file of the app that a build backend may compile."""
    paths = sorted(path for path in project.files if path.endswith(COMPILED) and (project.root / path).is_file())
    digests = ((path, hashlib.sha256((project.root / path).read_bytes()).hexdigest()) for path in paths)
    return "".join(f"{path} is {digest}\n" for path, digest in digests)


def package_layout(project: Project) -> str:
    """Return the source layout of a project with a build backend; without one, the project itself is not installed."""
    return source_layout(project) if "build-system" in (read_toml(project, FILE) or {}) else ""


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
