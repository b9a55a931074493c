"""Software bills of materials: formats and file names (spec: Buildpack, Software-Bill-of-Materials)."""

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen


class SbomFormat(Enum):
    """A format that the lifecycle supports; the value is the part of the file name that names the format."""

    CYCLONEDX = "cdx"
    SPDX = "spdx"
    SYFT = "syft"

    @property
    def media_type(self) -> str:
        """The name that buildpack.toml lists in sbom-formats."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    SbomFormat.CYCLONEDX: "application/vnd.cyclonedx+json",
    SbomFormat.SPDX: "application/spdx+json",
    SbomFormat.SYFT: "application/vnd.syft+json",
}


@frozen
class Sbom:
    """One bill of materials: its format and the content of its file."""

    format: SbomFormat
    content: bytes


class SbomFormatUndeclared(BuildpackError):
    """A software bill of materials was written in a format that the buildpack's buildpack.toml does not list.

    The lifecycle refuses such a build. It is a bug in the buildpack or its package, not in the app.
    """

    code = "sbom-format-undeclared"
    title = "A bill of materials has a format that buildpack.toml does not list"


def sbom_file_name(subject: str, sbom_format: SbomFormat) -> str:
    """Return the file's name in the layers directory; ``subject`` is a layer's name, ``launch`` or ``build``."""
    return f"{subject}.sbom.{sbom_format.value}.json"


def check_sbom_formats(layers_dir: Path, declared: Iterable[str]) -> None:
    """Raise SbomFormatUndeclared unless all bills in ``layers_dir`` are of declared formats (media types).

    The lifecycle checks restored bills too.
    """
    media_types = set(declared)
    allowed = {sbom_format.value for sbom_format in SbomFormat if sbom_format.media_type in media_types}
    for path in sorted(layers_dir.glob("*.sbom.*.json")):
        found = path.name.split(".")[-2]
        if found not in allowed:
            raise SbomFormatUndeclared(
                f"{path.name} is in the format {found!r}, but sbom-formats in buildpack.toml allows "
                f"{', '.join(sorted(allowed)) or 'none'}.",
                "Use the package as it was released, or list the format's media type in its buildpack.toml.",
            )
