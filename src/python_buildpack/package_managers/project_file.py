"""What managers want from pyproject.toml, whichever of them the app uses."""

import hashlib
import json
import re
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import read_toml, table
from python_buildpack.app.project import Project
from python_buildpack.package_managers.requirement_files import requirement_name

FILE = "pyproject.toml"
RELEVANT_TABLES = ("project", "build-system", "dependency-groups")
"""What takes part in an installation, besides the manager's own table: a linter's options do not."""

COMPILED = (
    *(".c", ".cc", ".cpp", ".cxx", ".cu", ".S", ".h", ".hh", ".hpp", ".hxx", ".pyx", ".pxd", ".pxi"),
    *(".rs", ".f", ".for", ".f90", "CMakeLists.txt", "meson.build", "Cargo.toml", "Cargo.lock"),
)
"""Ends of names of sources for extension modules, and of what says how to compile them."""

_ITSELF = re.compile(r"(?:-e\s*|--editable[=\s]\s*)?(?:file:)?\./?(?:\[[^\]]*\])?")


def relevant_tables(project: Project, *tools: str) -> str:
    """Return the tables of pyproject.toml that an installation depends on, those of ``tools`` included, as one text."""
    document = read_toml(project, FILE) or {}
    tables: dict[str, Any] = {name: document.get(name) for name in RELEVANT_TABLES}
    tool = table(document, FILE, "tool")
    tables |= {f"tool.{name}": tool.get(name) for name in tools}
    return json.dumps(tables, sort_keys=True, default=str)


def source_layout(project: Project) -> str:
    """Return the names of the app's modules and packages, on which an editable installation of the app depends.

    What is inside them may change without installing anew; not so what is compiled when they are installed.
    """
    packages = (path for path in project.files if path.endswith("/__init__.py") and path.count("/") <= 2)  # noqa: PLR2004 - src/package/__init__.py
    modules = (path for path in project.files if path.endswith(".py") and "/" not in path)
    return "".join(f"{path}\n" for path in sorted((*packages, *modules))) + compiled_sources(project)


def compiled_sources(project: Project) -> str:
    """Return the names and digests of the app's files that a build backend may compile; mostly there are none."""
    paths = sorted(path for path in project.files if path.endswith(COMPILED) and (project.root / path).is_file())
    digests = ((path, hashlib.sha256((project.root / path).read_bytes()).hexdigest()) for path in paths)
    return "".join(f"{path} is {digest}\n" for path, digest in digests)


def package_layout(project: Project) -> str:
    """Return the source layout of a project with a build backend; without one, the project itself is not installed."""
    return source_layout(project) if "build-system" in (read_toml(project, FILE) or {}) else ""


def declared_names(project: Project) -> frozenset[str]:
    """Return the normalised names in ``[project]`` dependencies and, for Poetry's own table, in its dependencies."""
    document = read_toml(project, FILE) or {}
    listed = table(document, FILE, "project").get("dependencies", [])
    names = {requirement_name(str(item)) for item in listed} if isinstance(listed, list) else set()
    poetry = table(document, FILE, "tool", "poetry", "dependencies")
    return frozenset(name for name in names if name) | {canonicalize_name(name) for name in poetry if name != "python"}


def names_itself(project: Project) -> bool:
    """Say whether requirements.txt asks for the project around it (``-e .``), which then is no rival declaration."""
    text = project.text("requirements.txt") if "requirements.txt" in project.files else None
    return any(_ITSELF.fullmatch(line.partition(" #")[0].strip()) for line in (text or "").splitlines())
