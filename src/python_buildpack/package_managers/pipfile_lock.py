"""What a Pipfile.lock says is to be installed, as the lines that ``pipenv requirements --hash`` prints, without Pipenv.

Source: the code of the version in ``tools/pins/pipenv.txt``; the rules are held by ``python -m devkit.locks``. Pure.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import strings, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.locked_list import Unsupported
from python_buildpack.package_managers.pipfile import FILE, LOCK, VCS, read_pipfile, read_pipfile_lock

_FORMAT = 6
_PUBLIC = {"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}
"""The source of a Pipfile that names none."""
_SECTIONS = {"packages": "default", "dev-packages": "develop"}
_NO_PACKAGES = frozenset({"source", "requires", "scripts", "pipfile", "pipenv", "default", "develop", *_SECTIONS})
"""Tables of a Pipfile that are no category, or have another name in the digest."""


def locked_lines(project: Project, sections: Iterable[str]) -> list[str]:
    """Return the packages of some sections of the lock as lines of a requirements file. Raises Unsupported."""
    lock = read_pipfile_lock(project)
    meta = subtable(lock, "_meta")
    if meta.get("pipfile-spec") != _FORMAT:
        raise Unsupported(f"{LOCK} has the format {meta.get('pipfile-spec')}")
    if project.has(FILE) and subtable(meta, "hash").get("sha256") != pipfile_digest(read_pipfile(project)):
        raise Unsupported(f"{LOCK} does not fit {FILE}")
    # A package that is in several sections is installed as the last one has it.
    packages: dict[str, object] = {}
    for section in sections:
        packages |= subtable(lock, section)
    return [_line(name, details, project) for name, details in packages.items()]


def local_directories(project: Project) -> Iterator[str]:
    """Yield the directories of the app that the lock names by their paths."""
    for section in read_pipfile_lock(project).values():
        for details in section.values() if isinstance(section, dict) else ():
            path = details.get("path", details.get("file")) if isinstance(details, dict) else None
            if isinstance(path, str) and _is_directory(project, path):
                yield path


def pipfile_digest(document: Mapping[str, Any]) -> str:
    """Return the digest of a Pipfile by which Pipenv knows whether a lock is up to date. Raises Unsupported."""
    content: dict[str, object] = {
        "_meta": {"sources": document.get("source", [_PUBLIC]), "requires": document.get("requires", {})},
        **{section: _by_normal_names(document.get(name, {}), name) for name, section in _SECTIONS.items()},
        **{name: _by_normal_names(value, name) for name, value in document.items() if name not in _NO_PACKAGES},
    }
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise Unsupported(f"{FILE} has a value that a lock cannot be made from: {error}") from error
    return hashlib.sha256(text.encode()).hexdigest()


def _by_normal_names(section: object, name: str) -> dict[str, object]:
    if not isinstance(section, dict):
        raise Unsupported(f"{name} in {FILE} is no table")
    return {canonicalize_name(key): value for key, value in section.items()}


def _line(name: str, details: object, project: Project) -> str:
    if not isinstance(details, dict):
        raise Unsupported(f"{LOCK} has no table for {name}")
    vcs = next((kind for kind in VCS if kind in details), None)
    if vcs or "os_markers" in details:
        raise Unsupported(f"{name} comes from a repository" if vcs else f"{name} has os_markers")
    markers = f"; {details['markers']}" if details.get("markers") else ""
    for key in ("file", "path"):
        if key in details:
            path = str(details[key])
            editable = ("-e",) if details.get("editable") and _is_directory(project, path) else ()
            return " ".join((*editable, path, *([markers] if markers else [])))
    version = str(details.get("version", ""))
    if not version.startswith("=="):
        raise Unsupported(f"{LOCK} has no exact version of {name}")
    extras = f"[{','.join(strings(details['extras']))}]" if "extras" in details else ""
    hashes = "".join(f" --hash={one}" for one in strings(details.get("hashes")))
    return f"{name}{extras}{version}{markers}{hashes}"


def _is_directory(project: Project, path: str) -> bool:
    plain = path.removeprefix("./").rstrip("/")
    return plain in {"", "."} or plain in project.directories
