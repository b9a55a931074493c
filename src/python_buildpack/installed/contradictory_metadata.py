"""Finds distributions whose metadata says two things: then nobody knows which version is installed.

PyPA, "Recording installed projects": each project has one ``.dist-info`` directory, named after its name and version,
which are those in METADATA too. An installer makes sure of that for the wheel that it installs; but a wheel can bring
a second directory, or write over that of another distribution. The bill of materials and the audit would repeat it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.errors import BuildpackError
from python_buildpack.installed.dist_info import DistInfo, read_dist_infos


class MetadataContradictory(BuildpackError):
    """Two metadata directories name one package, or METADATA names another package or version than its directory."""

    code = "metadata-contradictory"
    title = "The metadata of an installed package contradicts itself"


def check_metadata(site: Path) -> None:
    """Raise MetadataContradictory if the metadata directories in a site-packages directory contradict each other."""
    infos = tuple(read_dist_infos(site))
    found = tuple(_contradictions(infos))
    if not found:
        return
    cure = (
        "So it is not known which version is installed, and an audit could look up a wrong one. Remove the package "
        "that brings this, or take another version of it, and report it to its authors."
    )
    raise MetadataContradictory("\n".join(found), cure)


def _contradictions(infos: Sequence[DistInfo]) -> Iterator[str]:
    by_name: defaultdict[str, list[DistInfo]] = defaultdict(list)
    for info in infos:
        by_name[info.name].append(info)
    for name, several in by_name.items():
        if len(several) > 1:
            folders = ", ".join(_shown(info, infos) for info in several)
            yield f"The package {name} has several metadata directories: {folders}."
            continue
        fields = several[0].fields()
        said = tuple(fields.get(field, ("",))[0] for field in ("name", "version"))
        if not _is_of(several[0], *said):
            named = " ".join(said).strip() or "nothing"
            yield f"The metadata directory {_shown(several[0], infos)} has a METADATA that names {named}."


def _is_of(info: DistInfo, name: str, version: str) -> bool:
    """Say whether a directory is named after this name and version, in whichever spelling."""
    if canonicalize_name(info.folder.stem.replace("+", "-")) == canonicalize_name(
        f"{name}-{version}".replace("+", "-")
    ):
        return True
    try:
        # An old tool wrote the version as its authors did, or a hyphen that the name should not have.
        begun, _, rest = info.folder.stem.rpartition("-")
        return canonicalize_name(begun) == canonicalize_name(name) and Version(rest.replace("_", "+")) == Version(
            version
        )
    except ValueError:
        return False


def _shown(info: DistInfo, infos: Sequence[DistInfo]) -> str:
    """Return the name of a metadata directory, and which other distributions list files in it."""
    inside = f"{info.folder.name}/"
    others = [
        f"{other.name} {other.version}"
        for other in infos
        if other is not info and any(entry.path.startswith(inside) for entry in other.record())
    ]
    return info.folder.name + (f" (which {' and '.join(others)} wrote)" if others else "")
