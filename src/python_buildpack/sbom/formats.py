"""The formats of bills of materials. To add one, add a module, a line here, and a media type in buildpack.toml."""

from collections.abc import Callable

from cnb.sbom import Sbom, SbomFormat
from python_buildpack.sbom.bill import Bill
from python_buildpack.sbom.cyclonedx import to_cyclonedx
from python_buildpack.sbom.spdx import to_spdx

FORMATS: tuple[tuple[SbomFormat, Callable[[Bill], bytes]], ...] = (
    (SbomFormat.CYCLONEDX, to_cyclonedx),
    (SbomFormat.SPDX, to_spdx),
)


def sboms(bill: Bill) -> tuple[Sbom, ...]:
    """Return the bill in every format."""
    return tuple(Sbom(kind, write(bill)) for kind, write in FORMATS)
