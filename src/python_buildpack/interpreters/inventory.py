"""The inventory of CPython builds: their versions and platforms, their URLs and their digests.

A list that is not the buildpack's own is checked by the model in ``inventory_model.py`` when a build sees it for the
first time. Every build reads the list, and for 434 rows pydantic takes 93 ms, 69 of them for its import: so the next
builds know from store.toml which document was checked.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from packaging.version import Version

from cnb.errors import BuildpackError
from cnb.frozen import fields, frozen
from cnb.toml_files import loads
from python_buildpack.ports.interfaces import Fetcher
from python_buildpack.secrets.redact import redact

Variant = Literal["default", "freethreaded"]
Libc = Literal["gnu", "musl"]

CHECKED = "inventory"
"""Key in store.toml: the digest of the last list that was checked."""
_RULES = b"1\n"
"""To be changed with the rules of the model: what was checked by others is checked again."""
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
    checked: str = ""
    """What the next build has to know to trust this document as it is; empty for the buildpack's own."""


def read_inventory(location: str, fetcher: Fetcher, trusted: str | None = "") -> Inventory:
    """Return the inventory at a path, or at a URL, read with ``fetcher``.

    ``trusted`` is as for ``parse_inventory``. Raises InventoryInvalid and the errors of ``fetcher``.
    """
    if _is_url(location):
        return parse_inventory(fetcher.read(location), location, trusted)
    path = Path(location)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InventoryInvalid(
            f"{path} cannot be read: {error.strerror}.",
            "Set BP_PYTHON_INVENTORY to the path or URL of an inventory.toml that the build can read.",
        ) from error
    return parse_inventory(raw, path.absolute().as_uri(), trusted)


def parse_inventory(raw: bytes, location: str, trusted: str | None = "") -> Inventory:
    """Return the inventory in the content of an inventory.toml. Its relative URLs start from the URL ``location``.

    ``trusted`` is what ``checked`` was in an earlier build, or None if the list is the buildpack's own: it is not
    checked again. Raises InventoryInvalid, which lists the first problems with their rows.
    """
    checked = "" if trusted is None else hashlib.sha256(_RULES + raw).hexdigest()
    try:
        document = loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise _invalid(location, [f"it is not TOML: {error}"]) from error
    if checked and checked != trusted:
        _check(document, location)
    try:
        interpreters = tuple(Interpreter(**{**row, **_converted(row, location)}) for row in document["interpreters"])
        return Inventory(document["default"], interpreters, checked=checked)
    except (KeyError, TypeError, ValueError):
        # Somebody has changed the buildpack's own list.
        _check(document, location)
        raise


def _check(document: Mapping[str, Any], location: str) -> None:
    """Raise InventoryInvalid if a document does not fit the model."""
    from python_buildpack.interpreters.inventory_model import InventoryDocument  # noqa: PLC0415 - see above
    from python_buildpack.support.models import problems  # noqa: PLC0415

    if found := list(problems(InventoryDocument, document)):
        raise _invalid(location, found)


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
