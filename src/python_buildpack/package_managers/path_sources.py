"""The dependencies that a declaration gets from a place in the app: by a path, or as a member of its workspace.

Each manager has a notation of its own: ``[tool.uv.sources]``, ``{path = "../x"}`` of Poetry and Pipenv, file URLs with
PDM's ``${PROJECT_ROOT}`` or hatch's ``{root:uri}`` in them, and paths in requirements files.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from cnb.frozen import frozen, replace
from python_buildpack.app.documents import PYPROJECT, read_toml, strings, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers import pipfile
from python_buildpack.package_managers.requirement_files import (
    RequirementsIncludeMissing,
    read_requirement_files,
    requirement_name,
)

_ROOT = re.compile(r"^(?:file:)?(?:/{0,3})(?:\$\{PROJECT_ROOT\}|\{root(?::uri)?\})/?")
_EDITABLE = re.compile(r"(?:-e\s*|--editable[=\s]\s*)(?P<place>\S.*)")
_NAMED = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\]\s*)?@\s*(?P<place>(?:file:|\{root|\.{0,2}/).+)")
_TAIL = re.compile(r"(?<=\s);|(?<=\s)--[a-z]|#")
"""What begins the part of a requirement that is not its place: a marker, an option, a comment."""
_EXTRAS = re.compile(r"\[(?P<names>[\w.,\s-]+)\]")
_MARKER = re.compile(r"\s;|;\s")
_CONDITIONS = frozenset({"markers", "platform", "python", "sys_platform", "platform_system", "os_name"})
"""Keys by which Poetry and Pipenv limit a dependency to some systems or Pythons."""
_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tar(?:\.\w+)?)$")


@frozen
class PathSource:
    """One dependency of the app that comes from a place in the app."""

    file: str
    """The declaration, relative to the app directory."""
    where: str
    """Where it is in that file, for people: a table, or a line."""
    name: str
    """The normalised name of the distribution, "" if none is named."""
    path: str
    """Relative to the app directory; it begins with ``../`` above it, and with ``/`` where it is absolute."""
    tool: str = ""
    """The manager that alone reads this notation, "" for a notation that all read."""
    is_workspace: bool = False
    """Whether it is a member of the workspace, wherever that is; then ``path`` is empty."""
    group: str = ""
    """The group or extra that it belongs to, "" for what is always installed."""
    is_conditional: bool = False
    """Whether it is for some systems or Pythons only (a marker), or an optional dependency of Poetry's."""
    extras: tuple[str, ...] = ()
    """The normalised names of its extras that a line of a requirements file asks for."""


def in_pyproject(project: Project, folder: str = "") -> Iterator[PathSource]:
    """Yield the sources in the pyproject.toml of a folder, "" for the app directory.

    Values of other types than the formats have are passed over: the manager says what is wrong with them. Raises
    ProjectFileUnreadable and ProjectFileInvalid.
    """
    file = posixpath.join(folder, PYPROJECT)
    document = read_toml(project, file) or {}
    groups = dict(_requirement_lists(document))
    for group, listed in groups.items():
        where = "[project]" if not group else f"the group {group}"
        yield from _ofstrings(file, where, listed, folder, group)
    of_group = {
        name: group for group, listed in reversed(groups.items()) for text in listed if (name := requirement_name(text))
    }
    yield from _of_uv(file, document, folder, of_group)
    for source in _of_poetry(file, document, folder):
        # Where [project] lists a requirement for an extra, the table of Poetry says only where it is from.
        yield replace(source, group=source.group or of_group.get(source.name, ""))


def in_pipfile(project: Project) -> Iterator[PathSource]:
    """Yield the sources in the Pipfile. Raises ProjectFileInvalid."""
    for category, packages in pipfile.read_pipfile(project).items():
        if category not in pipfile.NOT_CATEGORIES | {"dev-packages"} or category == pipfile.DEFAULT:
            group = "" if category == pipfile.DEFAULT else category
            yield from _of_tables(pipfile.FILE, f"[{category}]", packages, "", "", group)


def in_pylock(project: Project, file: str) -> Iterator[PathSource]:
    """Yield the directories and archives that a pylock file (PEP 751) has by paths. Raises ProjectFileInvalid."""
    packages = (read_toml(project, file) or {}).get("packages")
    for package in packages if isinstance(packages, list) else []:
        if not isinstance(package, dict):
            continue
        wheels = package.get("wheels")
        kept = [package.get("directory"), package.get("archive"), package.get("sdist")]
        kept += wheels[:1] if isinstance(wheels, list) and len(wheels) == 1 else []
        for one in kept:
            path = one.get("path") if isinstance(one, dict) and "url" not in one else None
            if isinstance(path, str):
                name = canonicalize_name(str(package.get("name", "")))
                yield PathSource(file, "[[packages]]", name, _from(path, ""), is_conditional="marker" in package)


def in_requirements(project: Project, file: str) -> Iterator[PathSource]:
    """Yield the sources in a requirements file and those that it includes; paths are relative to the app's directory.

    Raises ProjectFileUnreadable.
    """
    try:
        lines = read_requirement_files(project, file).lines if project.has(file) else ()
    except RequirementsIncludeMissing:
        # Said where the requirements are read.
        return
    for line in lines:
        editable = _EDITABLE.fullmatch(line.text)
        text = editable["place"] if editable else line.text
        place = _place_of(text, is_path=editable is not None)
        if place and not line.text.startswith("-" if editable is None else "--no"):
            name = requirement_name(line.text) or ""
            is_conditional = _MARKER.search(line.text) is not None
            where = f"line {line.number}"
            named = _EXTRAS.search(line.text)
            extras = tuple(canonicalize_name(extra.strip()) for extra in named["names"].split(",")) if named else ()
            yield PathSource(line.file, where, name, _from(place, ""), is_conditional=is_conditional, extras=extras)


def _requirement_lists(document: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield (group or extra, requirements); what is always installed comes first, with the name ""."""
    own = subtable(document, "project")
    yield "", strings(own.get("dependencies"))
    tables = (
        subtable(own, "optional-dependencies"),
        subtable(document, "dependency-groups"),
        subtable(document, "tool", "pdm", "dev-dependencies"),
    )
    for table in tables:
        for name, listed in table.items():
            yield str(name), strings(listed)


def _ofstrings(file: str, where: str, listed: list[str], folder: str, group: str) -> Iterator[PathSource]:
    for text in listed:
        editable = _EDITABLE.fullmatch(text)
        place = _place_of(editable["place"] if editable else text, is_path=editable is not None)
        if place:
            found, name = _from(place, folder), requirement_name(text) or ""
            yield PathSource(file, where, name, found, group=group, is_conditional=_MARKER.search(text) is not None)


def _of_uv(file: str, document: dict[str, Any], folder: str, groups: dict[str, str]) -> Iterator[PathSource]:
    """Yield the sources of ``[tool.uv.sources]`` (https://docs.astral.sh/uv/concepts/projects/dependencies/)."""
    for name, value in subtable(document, "tool", "uv", "sources").items():
        normal = canonicalize_name(str(name))
        if normal not in groups:
            # uv does not look at sources that nothing depends on.
            continue
        for one in value if isinstance(value, list) else [value]:
            path = one.get("path") if isinstance(one, dict) else None
            is_workspace = isinstance(one, dict) and one.get("workspace") is True
            if isinstance(path, str) or is_workspace:
                where = "[tool.uv.sources]"
                found = _from(path, folder) if isinstance(path, str) else ""
                yield PathSource(file, where, normal, found, "uv", is_workspace, groups[normal])


def _of_poetry(file: str, document: dict[str, Any], folder: str) -> Iterator[PathSource]:
    poetry = subtable(document, "tool", "poetry")
    where = "[tool.poetry.dependencies]"
    yield from _of_tables(file, where, poetry.get("dependencies"), folder, "poetry", "")
    for group in subtable(poetry, "group"):
        packages = subtable(poetry, "group", group, "dependencies")
        yield from _of_tables(file, f"[tool.poetry.group.{group}]", packages, folder, "poetry", group)


def _of_tables(file: str, where: str, packages: object, folder: str, tool: str, group: str) -> Iterator[PathSource]:
    """Yield the sources among ``name = {path = "…"}``, as Poetry and Pipenv write them."""
    for name, value in packages.items() if isinstance(packages, dict) else ():
        for one in value if isinstance(value, list) else [value]:
            path = (one.get("path") or one.get("file")) if isinstance(one, dict) else None
            if isinstance(path, str) and "://" not in path.removeprefix("file://"):
                found = _from(path.removeprefix("file:"), folder)
                is_conditional = one.get("optional") is True or not _CONDITIONS.isdisjoint(one)
                normal = canonicalize_name(name)
                yield PathSource(file, where, normal, found, tool, group=group, is_conditional=is_conditional)


def _place_of(text: str, *, is_path: bool = False) -> str:
    """Return the path in a requirement, "" if it has a name on the index or a URL instead.

    A bare word is a path only where an option says so (``-e jobs``).
    """
    text = text.strip().strip("'\"")
    tail = _TAIL.search(text)
    text = _without_extras(text[: tail.start()].rstrip() if tail else text)
    named = _NAMED.fullmatch(text)
    place = named["place"].strip() if named else text
    if rooted := _ROOT.match(place):
        return place[rooted.end() :] or "."
    if place.startswith("file:"):
        return unquote(place.removeprefix("file:").removeprefix("//"))
    if "://" in place or place.startswith(("-", "git+")):
        return ""
    is_path = is_path or named is not None or place.startswith((".", "/"))
    is_path = is_path or (re.fullmatch(r"[^\s=<>~!;@]+", place) is not None and ("/" in place or _is_archive(place)))
    return place if is_path else ""


def _without_extras(text: str) -> str:
    """Return a text without the brackets at its end; each character is looked at once, however many there are."""
    end = len(text)
    while end and text[end - 1] == "]":
        start = text.rfind("[", 0, end - 1)
        if start < 0 or text.find("]", start, end - 1) >= 0:
            break
        end = start
    return text[:end]


def _is_archive(place: str) -> bool:
    return _ARCHIVE.search(place) is not None


def _from(path: str, folder: str) -> str:
    """Return a path relative to the app directory, which stands in a file of the folder; "" for the app directory."""
    if match := _ROOT.match(path):
        path = path[match.end() :] or "."
    found = posixpath.normpath(posixpath.join(folder, path))
    return "" if found == "." else found
