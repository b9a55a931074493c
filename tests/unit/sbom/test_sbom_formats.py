"""The formats in which bills of materials are written."""

from cnb.descriptor import read_descriptor
from devkit.paths import CHECKOUT
from python_buildpack.sbom.formats import FORMATS


def test_the_formats_are_those_that_buildpack_toml_declares() -> None:
    """The lifecycle refuses a bill in a format that is not declared there; each is written once."""
    written = [kind.media_type for kind, _ in FORMATS]
    assert sorted(written) == sorted(read_descriptor(CHECKOUT).sbom_formats)
