"""Reads the distributions in a site-packages directory; nothing in it is imported or run."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from cnb.frozen import frozen
from python_buildpack.installed.dist_info import DIST_INFO, EGG_INFO, DistInfo, RecordEntry, read_dist_infos
from python_buildpack.sbom.altered import MADE_BY_INSTALLER
from python_buildpack.sbom.bill import License, Origin
from python_buildpack.sbom.licenses import decide_license
from python_buildpack.sbom.origins import parse_origin

_OWN_BILL = re.compile(r"[^/]+\.dist-info/sboms/[^/]+")


@frozen
class Distribution:
    """One installed distribution."""

    name: str
    """In its authors' spelling."""
    version: str
    license: License
    requires: tuple[str, ...]
    """Its Requires-Dist fields, unparsed."""
    extras: tuple[str, ...]
    """The names of all its extras (Provides-Extra), installed or not."""
    origin: Origin
    content_sha256: str | None
    tags: tuple[str, ...] = ()
    """The compatibility tags in its WHEEL file; empty if it was not installed from a wheel."""
    own_bills: tuple[str, ...] = ()

    @property
    def key(self) -> NormalizedName:
        """The normalised name (PEP 503)."""
        return canonicalize_name(self.name)


def read_distributions(site_packages: Path) -> tuple[Distribution, ...]:
    """Return all distributions of a directory, sorted by name.

    Of two with the same name, the one in today's format counts: some wheels bring an older project's ``.egg-info`` too.
    """
    found: dict[str, Distribution] = {}
    infos = (info for suffix in (DIST_INFO, EGG_INFO) for info in read_dist_infos(site_packages, suffixes=(suffix,)))
    for info in infos:
        distribution = _read_distribution(info)
        if distribution is not None:
            found.setdefault(distribution.key, distribution)
    return tuple(found[key] for key in sorted(found))


def _read_distribution(info: DistInfo) -> Distribution | None:
    """Return the distribution of a metadata directory; None if its name or version is missing."""
    headers = info.fields()
    name, version = ("".join(headers.get(field, ())[:1]) for field in ("name", "version"))
    if not name or not version:
        return None
    record = info.record()
    return Distribution(
        name=name,
        version=version,
        license=decide_license(headers),
        requires=tuple(headers.get("requires-dist", ())),
        extras=tuple(headers.get("provides-extra", ())),
        origin=parse_origin(info.direct_url()),
        content_sha256=content_digest(record),
        tags=info.tags(),
        own_bills=tuple(sorted(entry.path for entry in record if _OWN_BILL.fullmatch(entry.path))),
    )


def content_digest(record: Iterable[RecordEntry]) -> str | None:
    """Return one digest for the files of a wheel, or None if the installer recorded no digests.

    It is the SHA-256, in hexadecimal, of the sorted lines ``path,digest`` of RECORD, without the files that an
    installer adds (scripts, bytecode, its own records). So it is the same for every installation of the wheel, and for
    the RECORD in the wheel itself.
    """
    lines = sorted(
        f"{path},{digest}\n" for path, digest, _ in record if digest and not MADE_BY_INSTALLER.fullmatch(path)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else None
