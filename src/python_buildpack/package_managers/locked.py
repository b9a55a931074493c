"""The versions in a lock file, and the wheels that it lists for each. Pure.

The locks of uv, Poetry, PDM and PEP 751 all have a list of packages with name, version and files, under other keys.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.package_managers.pinned import Pinned

_LISTS = ("files", "wheels")
_NAMES = ("file", "name", "url", "path")
WHEEL = ".whl"
POETRY_LOCK = "poetry.lock"


def read_locked(
    packages: Iterable[Mapping[str, Any]],
    wanted: Collection[str],
    files: Mapping[str, Any] | None = None,
    always: Collection[str] = (),
) -> Pinned:
    """Return the locked versions and wheels of the ``wanted`` names, which are normalised.

    ``files`` are the separate lists of files by name in locks of Poetry before 1.3. A name with several locked versions
    is left out: which one is installed depends on the Python and the platform. ``always`` are names that the project
    needs whatever the Python is, as far as the lock does not say it.
    """
    packages = tuple(packages)
    markers = _markers_of_needs(packages, always)
    separate = {canonicalize_name(name): listed for name, listed in (files or {}).items()}
    found = [(canonicalize_name(str(package.get("name", ""))), package) for package in packages]
    count = Counter(name for name, _ in found)
    pins: list[tuple[str, Version, str]] = []
    wheels: dict[str, tuple[str, ...]] = {}
    for name, package in found:
        version = _version(package)
        if name in wanted and count[name] == 1 and version is not None:
            pins.append((name, version, _marker(package) or markers.get(name, "")))
            lists = (*(package.get(key) for key in _LISTS), separate.get(name))
            wheels[name] = tuple(file for listed in lists for file in _wheels(listed))
    return Pinned.of(pins, wheels=wheels)


def _marker(package: Mapping[str, Any]) -> str:
    """Return the marker that PDM, PEP 751 and Poetry (one for the main group, if it differs by group) write."""
    found = package.get("marker") or package.get("markers") or ""
    text = found.get("main", "") if isinstance(found, dict) else found
    return text if isinstance(text, str) else ""


def _markers_of_needs(packages: Iterable[Mapping[str, Any]], always: Collection[str]) -> dict[str, str]:
    """Return name → marker of what no package of the lock needs without a marker.

    In the locks of uv, and of Poetry before 2.0, the packages do not have it, but those that need them.
    """
    found: dict[str, list[str]] = {}
    for name, details in (need for package in packages for need in _needs(package)):
        texts = (details.get(key) for key in ("marker", "markers"))
        text = next((text for text in texts if isinstance(text, str)), "")
        found.setdefault(canonicalize_name(name), []).append(text)
    return {
        name: " or ".join(f"({text})" for text in dict.fromkeys(texts))
        for name, texts in found.items()
        if name not in always and all(texts)
    }


def _needs(package: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what a package needs, each with what is said of it: uv's lists of tables, or Poetry's table by name."""
    groups = (package.get(key) for key in ("optional-dependencies", "dev-dependencies"))
    lists = [
        package.get("dependencies"),
        *(listed for group in groups if isinstance(group, dict) for listed in group.values()),
    ]
    for listed in lists:
        if isinstance(listed, list):
            yield from ((str(item.get("name")), item) for item in listed if isinstance(item, dict))
        elif isinstance(listed, dict):
            for name, details in listed.items():
                for item in details if isinstance(details, list) else [details]:
                    yield str(name), item if isinstance(item, dict) else {}


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
