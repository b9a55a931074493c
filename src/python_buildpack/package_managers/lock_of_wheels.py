"""Writes, of a lock that names the files of its packages, a lock (PEP 751) that has wheels of an index only.

uv.lock and pylock.toml are alike in what counts here: a list of packages with name, version, index and wheels. With the
address of each wheel, uv asks no index for its pages. https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.app.documents import read_toml
from python_buildpack.app.project import Project

_NAMED = re.compile(r'^name = "(?P<name>[^"]*)"$', re.MULTILINE)
_PLACES = ("https://", "http://")


def wheels_of_lock(project: Project, lock: str, wanted: Mapping[str, Version]) -> str:
    """Return a lock with the wheels of the ``wanted`` versions by name, "" if there are none. Raises BuildpackError."""
    document = read_toml(project, lock) or {}
    packages = document.get("package", document.get("packages"))
    listed = packages if isinstance(packages, list) else []
    entries = (_entry(package, wanted) for package in listed if isinstance(package, dict))
    found = "".join(filter(None, entries))
    return f'lock-version = "1.0"\ncreated-by = "terrarium"\n{found}' if found else ""


def names_in(text: str) -> frozenset[str]:
    """Return the normalised names in a lock that ``wheels_of_lock`` has written."""
    return frozenset(canonicalize_name(match["name"]) for match in _NAMED.finditer(text))


def _entry(package: Mapping[str, Any], wanted: Mapping[str, Version]) -> str | None:
    name, version, index = package.get("name"), package.get("version"), _index(package)
    if not (isinstance(name, str) and isinstance(version, str)):
        return None
    wheels = [*_wheels(package)]
    if not wheels or str(wanted.get(canonicalize_name(name))) != _normal(version):
        return None
    lines = ["[[packages]]", f"name = {json.dumps(name)}", f"version = {json.dumps(version)}"]
    lines += [f"index = {json.dumps(index)}"] if index else []
    return "\n".join((*lines, f"wheels = [{', '.join(wheels)}]\n"))


def _normal(version: str) -> str:
    try:
        return str(Version(version))
    except ValueError:
        return ""


def _index(package: Mapping[str, Any]) -> str:
    source = package.get("source")
    index = source.get("registry") if isinstance(source, dict) else package.get("index")
    return index if isinstance(index, str) and index.startswith(_PLACES) else ""


def _wheels(package: Mapping[str, Any]) -> Iterator[str]:
    wheels = package.get("wheels")
    for wheel in wheels if isinstance(wheels, list) else ():
        url = wheel.get("url") if isinstance(wheel, dict) else None
        hashes = _hashes(wheel) if isinstance(wheel, dict) else {}
        if isinstance(url, str) and url.startswith(_PLACES) and hashes:
            listed = ", ".join(f"{json.dumps(kind)} = {json.dumps(value)}" for kind, value in hashes.items())
            named = wheel.get("name")
            name = f"name = {json.dumps(named)}, " if isinstance(named, str) else ""
            yield f"{{ {name}url = {json.dumps(url)}, hashes = {{ {listed} }} }}"


def _hashes(wheel: Mapping[str, Any]) -> dict[str, str]:
    hashes, one = wheel.get("hashes"), wheel.get("hash")
    if isinstance(hashes, dict):
        return {kind: value for kind, value in hashes.items() if isinstance(value, str)}
    kind, _, value = one.partition(":") if isinstance(one, str) else ("", "", "")
    return {kind: value} if value else {}
