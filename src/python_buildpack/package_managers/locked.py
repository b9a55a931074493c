"""The versions in a lock file, and the wheels that it lists for each. Pure.

The locks of uv, Poetry, PDM and PEP 751 all have a list of packages with name, version and files, under other keys.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.package_managers.interface import Pinned

_LISTS = ("files", "wheels")
_NAMES = ("file", "name", "url", "path")
WHEEL = ".whl"
POETRY_LOCK = "poetry.lock"


def read_locked(
    packages: Iterable[Mapping[str, Any]], wanted: Collection[str], files: Mapping[str, Any] | None = None
) -> Pinned:
    """Return the locked versions and wheels of the ``wanted`` names, which are normalised.

    ``files`` are the separate lists of files by name in locks of Poetry before 1.3. A name with several locked versions
    is left out: which one is installed depends on the Python and the platform.
    """
    separate = {canonicalize_name(name): listed for name, listed in (files or {}).items()}
    found = [(canonicalize_name(str(package.get("name", ""))), package) for package in packages]
    count = Counter(name for name, _ in found)
    versions: dict[str, Version] = {}
    wheels: dict[str, tuple[str, ...]] = {}
    for name, package in found:
        version = _version(package)
        if name in wanted and count[name] == 1 and version is not None:
            versions[name] = version
            lists = (*(package.get(key) for key in _LISTS), separate.get(name))
            wheels[name] = tuple(file for listed in lists for file in _wheels(listed))
    return Pinned(versions, wheels)


def _version(package: Mapping[str, Any]) -> Version | None:
    try:
        return Version(str(package.get("version", "")))
    except ValueError:
        # Not InvalidVersion only: a number of thousands of digits is another one.
        return None


def _wheels(listed: object) -> Iterator[str]:
    for item in listed if isinstance(listed, list) else ():
        named = (item[key] for key in _NAMES if key in item) if isinstance(item, dict) else ()
        text = next((str(text) for text in named), "")
        file = text.partition("#")[0].rpartition("/")[2]
        if file.endswith(WHEEL):
            yield file
