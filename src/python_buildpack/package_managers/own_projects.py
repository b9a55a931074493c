"""The app's own projects: the one in its directory, the members of its workspace, and those that it names by path.

A project is known by its directory, its name, and the directories from which its modules are imported once it is
installed (its roots): its own, ``src`` in it, or what is configured for its build backend (setuptools, hatch, Poetry,
PDM, uv_build, maturin). Workspaces are those of uv (https://docs.astral.sh/uv/concepts/projects/workspaces/).
"""

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from packaging.utils import canonicalize_name

from cnb.frozen import field, frozen
from python_buildpack.app.documents import PROJECT_FILES, PYPROJECT, read_toml, strings, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.brought_by_extras import names_with_extras
from python_buildpack.package_managers.path_sources import (
    PathSource,
    in_pipfile,
    in_pyproject,
    in_requirements,
)

_REQUIREMENTS = "requirements.txt"
_PACKAGE_DIR = re.compile(r"package_dir\s*=\s*(?:\{\s*[\"']{2}\s*:\s*[\"']|=\s*)([\w./-]+)")
_WHERE = re.compile(r"(?:^where\s*=\s*|find_packages\(\s*(?:where\s*=\s*)?[\"'])([\w./-]+)", re.MULTILINE)


@frozen
class OwnProject:
    """One project in the app."""

    directory: str
    """Relative to the app directory, "" for itself."""
    name: str
    """Its normalised name, "" if it has none."""
    roots: tuple[str, ...]
    """The directories from which its modules are imported, relative to the app directory."""
    needs: frozenset[str]
    """The normalised names of its dependencies, without those of groups and extras."""
    is_built: bool
    """Whether a build backend installs it, so that its modules are importable everywhere."""
    entries: tuple[str, ...] = ()
    """The files of the modules that its commands begin in, as far as the app has them."""
    is_member: bool = False
    """Whether it is a member of the workspace that the app directory is the root of."""
    has_computed_needs: bool = False
    """Whether its build backend computes more dependencies than those in ``needs``."""

    @property
    def label(self) -> str:
        """The project for people: its name, or its directory."""
        return self.name or self.directory


@frozen
class OwnProjects:
    """All projects of the app, the one in its directory first, and its workspace."""

    projects: tuple[OwnProject, ...] = ()
    is_workspace: bool = False
    """Whether pyproject.toml makes the app directory the root of a workspace."""
    missing: tuple[str, ...] = field(default=())
    """The directories that the workspace lists by name, and that the app does not have."""

    @property
    def root(self) -> OwnProject | None:
        """The project in the app directory; None if its files declare none, as at a virtual root."""
        return next((own for own in self.projects if not own.directory), None)

    @property
    def members(self) -> tuple[OwnProject, ...]:
        """The members of the workspace besides its root."""
        return tuple(own for own in self.projects if own.is_member)

    def of(self, path: str) -> OwnProject | None:
        """Return the project that a file of the app belongs to: the innermost."""
        holders = (own for own in self.projects if not own.directory or path.startswith(f"{own.directory}/"))
        return max(holders, key=lambda own: len(own.directory), default=None)

    def named(self, name: str) -> OwnProject | None:
        """Return the project with this name or in this directory, or None."""
        wanted = (canonicalize_name(name), posixpath.normpath(name))
        found = (own for own in self.projects if own.name == wanted[0])
        return next(found, None) or next((own for own in self.projects if own.directory == wanted[1]), None)

    def needed_by(self, own: OwnProject) -> tuple[OwnProject, ...]:
        """Return a project and all of the app's own that it needs, also through others of them."""
        found = {own.directory: own}
        waiting = [own]
        while waiting:
            needs = waiting.pop().needs
            for other in self.projects:
                if other.name in needs and other.directory not in found:
                    found[other.directory] = other
                    waiting.append(other)
        return tuple(found.values())


@lru_cache(maxsize=2)
def own_projects(project: Project) -> OwnProjects:
    """Return the projects of the app, which half a dozen decisions of a build ask for; they are read once.

    Raises ProjectFileUnreadable and ProjectFileInvalid.
    """
    document = read_toml(project, PYPROJECT) or {}
    workspace = subtable(document, "tool", "uv", "workspace")
    members, missing = _members(project, workspace)
    found: dict[str, OwnProject] = {}
    waiting = [("", False), *((member, True) for member in members)]
    # The app directory may name projects without being one.
    while waiting:
        directory, is_member = waiting.pop(0)
        if directory in found:
            continue
        if _is_project(project, directory):
            found[directory] = _read(project, directory, is_member=is_member)
        elif directory:
            continue
        waiting += [(source.path, False) for source in _sources(project, directory) if _is_inside(source.path)]
    return OwnProjects(tuple(found.values()), "workspace" in subtable(document, "tool", "uv"), missing)


def is_workspace_root(project: Project) -> bool:
    """Say whether pyproject.toml makes the app directory the root of a workspace of uv."""
    return PYPROJECT in project.files and "workspace" in subtable(read_toml(project, PYPROJECT) or {}, "tool", "uv")


def _sources(project: Project, directory: str) -> Iterator[PathSource]:
    yield from in_pyproject(project, directory)
    if not directory:
        yield from in_pipfile(project)
        yield from in_requirements(project, _REQUIREMENTS)


def _is_inside(path: str) -> bool:
    return bool(path) and not path.startswith(("/", ".."))


def _is_project(project: Project, directory: str) -> bool:
    """Say whether a directory has a file of a project; the app directory has one only if it declares a project."""
    if directory:
        return any(posixpath.join(directory, file) in project.files for file in PROJECT_FILES)
    document = read_toml(project, PYPROJECT) or {}
    is_declared = "project" in document or bool(subtable(document, "tool", "poetry")) or "build-system" in document
    return is_declared or any(file in project.files for file in PROJECT_FILES[1:])


def _members(project: Project, workspace: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the directories of a workspace's members, and those that are listed by name and are missing."""
    listed, excluded = (strings(workspace.get(key)) for key in ("members", "exclude"))
    candidates = sorted(path for path in project.directories if f"{path}/{PYPROJECT}" in project.files)
    found: dict[str, None] = {}
    missing: list[str] = []
    for pattern in listed:
        wanted = posixpath.normpath(pattern)
        matching = [path for path in candidates if _matches(path, wanted)]
        found.update(dict.fromkeys(matching))
        if not matching and not set(wanted) & set("*?[") and wanted not in {".", ""}:
            missing.append(wanted)
    unwanted = [posixpath.normpath(pattern) for pattern in excluded]
    kept = tuple(path for path in found if not any(_matches(path, pattern) for pattern in unwanted))
    return kept, tuple(missing)


def _matches(path: str, pattern: str) -> bool:
    """Say whether a path matches a pattern of a shell, in which ``**`` stands for any number of directories."""
    return _match(path.split("/"), pattern.split("/"))


def _match(names: list[str], patterns: list[str]) -> bool:
    if not patterns:
        return not names
    if patterns[0] == "**":
        return _match(names, patterns[1:]) or (bool(names) and _match(names[1:], patterns))
    return bool(names) and fnmatchcase(names[0], patterns[0]) and _match(names[1:], patterns[1:])


def _read(project: Project, directory: str, *, is_member: bool) -> OwnProject:
    document = read_toml(project, posixpath.join(directory, PYPROJECT)) or {}
    own, poetry = subtable(document, "project"), subtable(document, "tool", "poetry")
    needs = {name for text in strings(own.get("dependencies")) for name in names_with_extras(text)}
    needs |= {canonicalize_name(str(name)) for name in subtable(poetry, "dependencies")}
    name = own.get("name") or poetry.get("name") or ""
    has_setup = any(posixpath.join(directory, file) in project.files for file in PROJECT_FILES[1:])
    roots = tuple(_roots(project, directory, document))
    return OwnProject(
        directory,
        canonicalize_name(name) if isinstance(name, str) else "",
        roots,
        frozenset(needs),
        is_package(document, has_setup=has_setup),
        tuple(_entries(project, roots, (own, poetry))),
        is_member,
        "dependencies" in strings(own.get("dynamic")) or (has_setup and not own and not poetry),
    )


def is_package(document: dict[str, Any], *, has_setup: bool = False) -> bool:
    """Return whether what a pyproject.toml declares is built and installed itself, and not its dependencies only.

    So it is with a build backend, or with a setup.py or setup.cfg (PEP 517). ``package`` of uv decides it both ways:
    without a backend uv takes that of setuptools. ``package-mode`` of Poetry can only say no.
    """
    said = subtable(document, "tool", "uv").get("package")
    mode = subtable(document, "tool", "poetry").get("package-mode")
    return said is not False and mode is not False and (said is True or has_setup or "build-system" in document)


def _entries(project: Project, roots: tuple[str, ...], tables: tuple[dict[str, Any], ...]) -> Iterator[str]:
    """Yield the files that console scripts (``name = "module:function"``) are in."""
    scripts = (subtable(table, key) for table in tables for key in ("scripts", "gui-scripts"))
    for value in (value for script in scripts for value in script.values() if isinstance(value, str)):
        module = value.partition(":")[0].strip().replace(".", "/")
        paths = (posixpath.join(root, f"{module}{end}") for root in roots for end in (".py", "/__init__.py"))
        yield from (path for path in paths if path in project.files)


def _roots(project: Project, directory: str, document: dict[str, Any]) -> list[str]:
    """Return where a project's modules are imported from: what its backend is configured with, else ``src`` or it."""
    configured = [
        posixpath.normpath(posixpath.join(directory, root)) for root in _configured(project, directory, document)
    ]
    found = ["" if root == "." else root for root in dict.fromkeys(configured)]
    existing = [root for root in found if root in project.directories or not root]
    if existing:
        return existing
    source = posixpath.join(directory, "src")
    is_source = source in project.directories and f"{source}/__init__.py" not in project.files
    return [source, directory] if is_source else [directory]


def _configured(project: Project, directory: str, document: dict[str, Any]) -> Iterator[str]:
    """Yield the roots that a build backend is configured with, relative to the project."""
    tool = subtable(document, "tool")
    setuptools = subtable(tool, "setuptools")
    yield from strings([subtable(setuptools, "package-dir").get("")])
    yield from strings(subtable(setuptools, "packages", "find").get("where"))
    for hatch in (subtable(tool, "hatch", "build", "targets", "wheel"), subtable(tool, "hatch", "build")):
        sources = hatch.get("sources")
        prefixes = [path for path, name in sources.items() if name == ""] if isinstance(sources, dict) else sources
        yield from strings(prefixes)
        yield from (posixpath.dirname(path) or "." for path in strings(hatch.get("packages")))
    packages = subtable(tool, "poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict):
            yield from strings([package.get("from", ".")])
    pdm = (subtable(tool, "pdm").get("package-dir"), subtable(tool, "pdm", "build").get("package-dir"))
    yield from strings([*pdm, subtable(tool, "maturin").get("python-source")])
    yield from (root or "." for root in strings([subtable(tool, "uv", "build-backend").get("module-root")]))
    for file in PROJECT_FILES[1:]:
        path = posixpath.join(directory, file)
        text = project.text(path) if path in project.files else None
        yield from (match for pattern in (_PACKAGE_DIR, _WHERE) for match in pattern.findall(text or ""))
