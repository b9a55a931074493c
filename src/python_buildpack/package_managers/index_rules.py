"""Which package may come from which index: one record for the tables of all package managers. Pure.

A package that an app pins to an index is looked for there and nowhere else; a package without a pin is looked for on
the indexes that are neither explicit nor excluded for it. ``index_tables.py`` reads the tables, ``index_uv.py``
translates the rules for uv.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit, urlunsplit

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen

BEST_MATCH = "unsafe-best-match"
"""uv's name for: the best version of all indexes."""
FIRST_MATCH = "unsafe-first-match"
"""uv's name for: the best version of the first index that has one that fits."""
FIRST_INDEX = "first-index"
"""uv's name for: the first index that has the name."""

_PUBLIC_HOSTS = frozenset({"pypi.org", "pypi.python.org", "www.pypi.org"})
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class IndexUnknown(BuildpackError):
    """A package is pinned to an index by a name that no table of indexes declares."""

    code = "index-unknown"
    title = "A package is pinned to an index that is not declared"


class IndexUnclear(BuildpackError):
    """The tables say where packages come from in a way that the installer could not keep to without a lock."""

    code = "index-unclear"
    title = "Where a package comes from cannot be kept to"


@frozen
class PackageIndex:
    """A package index that an app declares."""

    name: str
    """The name by which packages are pinned to it, in the notation that uv allows."""
    url: str
    """Its address without a login; empty for the public index, which the platform may have replaced."""
    is_explicit: bool = False
    """Whether only packages that are pinned to it are looked for on it."""
    is_flat: bool = False
    """Whether the address is a page or a directory of files (``--find-links``)."""
    username: str = ""
    password: str = ""
    includes: tuple[str, ...] = ()
    """Shell patterns of normalised names that are looked for on this index and those with a pattern for them only."""
    excludes: tuple[str, ...] = ()
    """Shell patterns of normalised names that are not looked for here, unless they are included."""


@frozen
class IndexRules:
    """The indexes of an app, in the order in which they are searched, and the packages pinned to them."""

    file: str
    """The file that declares them."""
    indexes: tuple[PackageIndex, ...]
    pins: Mapping[str, str] = field(default_factory=dict)
    """Normalised name of a package → name of its index."""
    strategy: str = FIRST_INDEX
    """uv's strategy for what is on several indexes."""

    @property
    def general(self) -> tuple[PackageIndex, ...]:
        """The indexes on which a package without a rule of its own is looked for."""
        return tuple(one for one in self.indexes if not one.is_explicit and "*" not in one.excludes)

    def allowed(self, package: str) -> tuple[PackageIndex, ...]:
        """Return the indexes from which a package may come, by its normalised name. Raises IndexUnknown."""
        if package in self.pins:
            return (self.named(self.pins[package], package),)
        if included := tuple(one for one in self.indexes if _fits(package, one.includes)):
            return included
        return tuple(one for one in self.indexes if not one.is_explicit and not _fits(package, one.excludes))

    def pinned(self, package: str) -> PackageIndex | None:
        """Return the one index of a package with a rule of its own, else None. Raises IndexUnclear, IndexUnknown."""
        allowed = self.allowed(package)
        if package in self.pins:
            return allowed[0]
        if allowed == self.general:
            return None
        if len(allowed) == 1:
            return allowed[0]
        names = ", ".join(one.name for one in allowed) or "no source"
        raise IndexUnclear(
            f"By the sources in {self.file}, {package} may come from {names}, but not from all that are searched for "
            "other packages. Without a lock this cannot be kept to.",
            "Name one source for it, or write a lock (pdm lock, poetry lock) and commit it.",
        )

    def named(self, name: str, package: str) -> PackageIndex:
        """Return the index of this name. Raises IndexUnknown, which names the package that is pinned to it."""
        wanted = uv_name(name).lower()
        for one in self.indexes:
            if one.name.lower() == wanted:
                return one
        known = ", ".join(one.name for one in self.indexes) or "none"
        raise IndexUnknown(
            f"{self.file} pins {package} to the index {name}, which it does not declare. It declares: {known}.",
            f"Declare {name} with its URL in {self.file}, or correct the name.",
        )


def uv_name(name: str) -> str:
    """Return the name of an index in the notation that uv allows for one."""
    return _NOT_IN_A_NAME.sub("-", name).strip("-") or "index"


def variable_name(name: str) -> str:
    """Return the name of an index as variables have it: UV_INDEX_<NAME>_USERNAME."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def is_public(url: str) -> bool:
    """Return whether this is the address of the public index, in whose place a platform may put a mirror."""
    try:
        return (urlsplit(url).hostname or "").lower() in _PUBLIC_HOSTS
    except ValueError:
        return False


def without_login(url: str) -> tuple[str, str, str]:
    """Return an address without its login, and the user name and the password, decoded."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, "", ""
    login, _, place = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    bare = urlunsplit((parts.scheme, place, parts.path, parts.query, parts.fragment))
    return bare, unquote(username, errors="surrogateescape"), unquote(password, errors="surrogateescape")


def same_address(url: str) -> str:
    """Return an address in one notation, to compare it with another one."""
    bare = without_login(url)[0].strip().removeprefix("file://")
    return bare.rstrip("/")


def _fits(package: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(package, pattern) for pattern in patterns)
