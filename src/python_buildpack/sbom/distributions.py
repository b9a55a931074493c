"""Reads what is installed in a site-packages directory into values; nothing in it is imported or run."""

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from cnb.frozen import frozen
from python_buildpack.sbom.bill import License, Origin
from python_buildpack.sbom.licenses import decide_license
from python_buildpack.sbom.origins import parse_origin

_METADATA_DIRECTORIES = (".dist-info", ".egg-info")
_MADE_BY_INSTALLER = re.compile(
    r"(\.\./.*|/.*|[^/]+\.dist-info/(RECORD(\.jws|\.p7s)?|INSTALLER|REQUESTED|direct_url\.json|uv_[a-z_]+\.json))"
    r"|(.*/)?__pycache__/.*"
)
_OWN_BILL = re.compile(r"[^/]+\.dist-info/sboms/[^/]+")


@frozen
class Distribution:
    """One installed distribution."""

    name: str
    """As its authors write it."""
    version: str
    license: License
    requires: tuple[str, ...]
    """Its Requires-Dist fields, unparsed."""
    extras: tuple[str, ...]
    """The names of its extras (Provides-Extra), whether anybody asked for them or not."""
    origin: Origin
    content_sha256: str | None
    tags: tuple[str, ...] = ()
    """What its wheel fits, as its WHEEL file says; nothing for what was not installed from a wheel."""
    own_bills: tuple[str, ...] = ()

    @property
    def key(self) -> NormalizedName:
        """Return the name that requirements find it by (PEP 503)."""
        return canonicalize_name(self.name)


def read_distributions(site_packages: Path) -> tuple[Distribution, ...]:
    """Return all distributions of a directory, sorted by name; where two have the same name, the first one counts."""
    found: dict[str, Distribution] = {}
    for path in sorted(site_packages.iterdir()):
        if path.name.lower().endswith(_METADATA_DIRECTORIES):
            distribution = _read_distribution(path)
            if distribution is not None:
                found.setdefault(distribution.key, distribution)
    return tuple(found[key] for key in sorted(found))


def _read_distribution(path: Path) -> Distribution | None:
    """Read a metadata directory, or the single file that distutils wrote; None where no name and version is in it."""
    text = next(filter(None, map(_read, (path / "METADATA", path / "PKG-INFO", path))), "")
    headers = parse_headers(text)
    name, version = ("".join(headers.get(field, ())[:1]) for field in ("name", "version"))
    if not name or not version:
        return None
    record = _rows(_read(path / "RECORD") or "")
    return Distribution(
        name=name,
        version=version,
        license=decide_license(headers),
        requires=tuple(headers.get("requires-dist", ())),
        extras=tuple(headers.get("provides-extra", ())),
        origin=parse_origin(_read(path / "direct_url.json")),
        content_sha256=content_digest(record),
        tags=tuple(parse_headers(_read(path / "WHEEL") or "").get("tag", ())),
        own_bills=tuple(sorted(name for name, _ in record if _OWN_BILL.fullmatch(name))),
    )


def parse_headers(text: str) -> Mapping[str, Sequence[str]]:
    """Return the fields of core metadata by their names in lower case; the description in the body is left out."""
    headers: dict[str, list[str]] = {}
    last: list[str] = []
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        if not line:
            break
        if line[0] in " \t":
            last[-1:] = [f"{last[-1]}\n{line.strip()}"] if last else []
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = headers.setdefault(name.strip().lower(), [])
            last.append(value.strip())
    return headers


def content_digest(record: Sequence[tuple[str, str]]) -> str | None:
    """Return one digest for the files of a wheel, or None if the installer recorded no digests.

    It is the SHA-256 of the lines ``path,digest`` of RECORD, sorted, without what an installer adds (scripts, bytecode,
    notes of its own): the same for every installation of the wheel, and equal to that of the RECORD inside the wheel.
    """
    lines = sorted(f"{path},{digest}\n" for path, digest in record if digest and not _MADE_BY_INSTALLER.fullmatch(path))
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else None


def _rows(record: str) -> tuple[tuple[str, str], ...]:
    """Return path and digest of each file, or nothing where RECORD is no CSV: half of it would give a wrong digest."""
    try:
        return tuple((row[0], row[1]) for row in csv.reader(record.splitlines()) if len(row) > 1)
    except csv.Error:
        return ()


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
