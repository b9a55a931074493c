"""The inventory of CPython builds: their versions and platforms, their URLs and their digests.

The documents are not checked by a pydantic model, because every build reads this list: for 434 rows pydantic takes
93 ms (69 of them for its import), and the checks here take 6 ms.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urljoin, urlsplit

from packaging.version import Version

from cnb.errors import BuildpackError
from cnb.frozen import fields, frozen
from cnb.toml_files import loads
from python_buildpack.ports.interfaces import Fetcher
from python_buildpack.secrets.redact import redact

Variant = Literal["default", "freethreaded"]
Libc = Literal["gnu", "musl"]

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "os": ("linux",),
    "arch": ("amd64", "arm64"),
    "libc": get_args(Libc),
    "variant": get_args(Variant),
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BUILD = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_MINOR = re.compile(r"[0-9]+\.[0-9]+")
_MOST_PROBLEMS = 5
"""The largest number of problems in one message."""


class InventoryInvalid(BuildpackError):
    """The list of Python builds, the buildpack's own or the one that BP_PYTHON_INVENTORY names, cannot be used."""

    code = "inventory-invalid"
    title = "The list of Python builds cannot be used"


@frozen
class Interpreter:
    """One build of CPython."""

    version: Version
    build: str
    """python-build-standalone's release date, by which builds of the same version differ."""
    os: str
    arch: str
    """amd64 or arm64, the names of the CNB specification."""
    libc: Libc
    variant: Variant
    url: str
    sha256: str

    def __str__(self) -> str:
        """Return version, variant and build, for keys of layers and for the log."""
        return f"{self.version} ({self.variant}, build {self.build})"

    @property
    def minor(self) -> str:
        """The minor version: 3.12 for 3.12.4."""
        return f"{self.version.major}.{self.version.minor}"

    @property
    def executable_name(self) -> str:
        """The name of its program, and of its directory below ``lib``: python3.12 or python3.13t."""
        return f"python{self.minor}{'t' if self.variant == 'freethreaded' else ''}"


@frozen
class Inventory:
    """All available builds."""

    default: str
    """The minor version for apps that do not name one."""
    interpreters: tuple[Interpreter, ...]
    included: tuple[Interpreter, ...] = ()
    """The builds that an offline package contains; they take precedence over all others."""


def read_inventory(location: str, fetcher: Fetcher) -> Inventory:
    """Return the inventory at a path, or at a URL, read with ``fetcher``.

    Raises InventoryInvalid and the errors of ``fetcher``.
    """
    if _is_url(location):
        return parse_inventory(fetcher.read(location), location)
    path = Path(location)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InventoryInvalid(
            f"{path} cannot be read: {error.strerror}.",
            "Set BP_PYTHON_INVENTORY to the path or URL of an inventory.toml that the build can read.",
        ) from error
    return parse_inventory(raw, path.absolute().as_uri())


def parse_inventory(raw: bytes, location: str) -> Inventory:
    """Return the inventory in the content of an inventory.toml. Its relative URLs start from the URL ``location``.

    Raises InventoryInvalid, which lists the first problems with their rows.
    """
    try:
        document = loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise _invalid(location, [f"it is not TOML: {error}"]) from error
    problems = list(_document_problems(document))
    if problems:
        raise _invalid(location, problems)
    rows = document["interpreters"]
    interpreters = tuple(Interpreter(**{**row, **_converted(row, location)}) for row in rows)
    return Inventory(document["default"], interpreters)


def _converted(row: Mapping[str, str], location: str) -> dict[str, Any]:
    return {"version": Version(row["version"]), "url": urljoin(location, row["url"])}


def _is_url(location: str) -> bool:
    return urlsplit(location).scheme.lower() in {"http", "https", "file"}


def _invalid(location: str, problems: list[str]) -> InventoryInvalid:
    shown = problems[:_MOST_PROBLEMS]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return InventoryInvalid(
        f"{redact(location)} is not an inventory:\n" + "\n".join(f"- {problem}" for problem in shown),
        'It needs default = "3.14" and, for each build, a table [[interpreters]] with the strings '
        f"{', '.join(_KEYS)}; the inventory.toml of the buildpack is an example.",
    )


_KEYS = tuple(field.name for field in fields(Interpreter))


def _document_problems(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key} is not a key of an inventory" for key in document if key not in {"default", "interpreters"})
    rows = document.get("interpreters")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        yield "it has no [[interpreters]]"
        return
    for number, row in enumerate(rows, start=1):
        yield from (f"interpreter {number}: {problem}" for problem in _row_problems(row))
    default = document.get("default")
    if not isinstance(default, str) or not _MINOR.fullmatch(default):
        yield 'default is not a minor version such as "3.14"'
    elif not any(str(row.get("version", "")).startswith(f"{default}.") for row in rows):
        yield f"default is {default}, but no interpreter is of that version"


def _row_problems(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key} is not a key of an interpreter" for key in row if key not in _KEYS)
    wrong = [key for key in _KEYS if not isinstance(row.get(key), str)]
    if wrong:
        yield f"{', '.join(wrong)} must be given as strings"
        return
    yield from (
        f"{key} is {row[key]}, but must be {' or '.join(allowed)}"
        for key, allowed in _CHOICES.items()
        if row[key] not in allowed
    )
    if not _SHA256.fullmatch(row["sha256"]):
        yield "sha256 must have 64 hexadecimal digits in lower case"
    if not _BUILD.fullmatch(row["build"]):
        yield f"build is {row['build']!r}, but must be letters, digits, dots and dashes"
    if not row["url"].strip():
        yield "url is empty"
    if not _is_version(row["version"]):
        yield f"version is {row['version']}, but must be a full version such as 3.13.2"


def _is_version(text: str) -> bool:
    try:
        return len(Version(text).release) == len(("major", "minor", "patch"))
    except ValueError:
        # InvalidVersion, or a number of thousands of digits.
        return False
