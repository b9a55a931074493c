"""Package URLs (the purl specification), by which scanners identify a component."""

from collections.abc import Mapping
from typing import assert_never
from urllib.parse import quote

from python_buildpack.sbom.bill import Embedded, FromArchive, FromDirectory, FromIndex, FromRepository, Origin


def distribution_purl(name: str, version: str, origin: Origin) -> str:
    """Return the purl of an installed distribution."""
    # purl's rule for the type pypi: lower case, and hyphens instead of underscores; dots are kept.
    pypi_name = name.lower().replace("_", "-")
    match origin:
        case FromIndex():
            return _purl("pypi", pypi_name, version)
        case FromRepository():
            return _purl("pypi", pypi_name, version, {"vcs_url": origin.locator})
        case FromArchive(url, hashes):
            return _purl("pypi", pypi_name, version, _archive_qualifiers(url, hashes))
        case FromDirectory() | Embedded():
            # The app's own code is not on any index; another project of this name may be.
            return _purl("generic", pypi_name, version)
        case other:
            assert_never(other)


def generic_purl(name: str, version: str | None, origin: Origin) -> str:
    """Return the purl of a component that is in no ecosystem's registry."""
    qualifiers = _archive_qualifiers(origin.url, origin.hashes) if isinstance(origin, FromArchive) else {}
    return _purl("generic", name, version, qualifiers)


def _archive_qualifiers(url: str | None, hashes: Mapping[str, str]) -> dict[str, str]:
    qualifiers = {"checksum": ",".join(f"{name}:{value}" for name, value in sorted(hashes.items()))}
    if url:
        qualifiers["download_url"] = url
    return {name: value for name, value in qualifiers.items() if value}


def _purl(kind: str, name: str, version: str | None, qualifiers: Mapping[str, str] | None = None) -> str:
    text = f"pkg:{kind}/{quote(name, safe='')}"
    if version:
        text += f"@{quote(version, safe='')}"
    if qualifiers:
        text += "?" + "&".join(f"{key}={quote(qualifiers[key], safe=':/')}" for key in sorted(qualifiers))
    return text
