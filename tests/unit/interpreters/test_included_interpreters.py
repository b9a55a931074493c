"""Interpreters that an offline package includes: which wish they meet, and what is said where they do not."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from cnb.errors import BuildpackError
from python_buildpack.interpreters.included import (
    FOLDER,
    Included,
    PackageDamaged,
    PythonNotIncluded,
    archive_name,
    read_included,
)
from python_buildpack.interpreters.inventory import Interpreter, Inventory, Variant
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.ports.fetching.http import DownloadFailed

CONTENT = b"an archive"


def build(version: str, *, arch: str = "amd64", variant: Variant = "default", url: str = "u.tar.gz") -> Interpreter:
    digest = hashlib.sha256(f"{version}{arch}{variant}".encode()).hexdigest()
    return Interpreter(Version(version), "20260101", "linux", arch, "gnu", variant, url, digest)


BUILDS = (
    *map(build, ("3.15.0", "3.14.2", "3.13.9", "3.13.7", "3.12.4", "3.11.9")),
    build("3.13.7", variant="freethreaded"),
    build("3.12.4", arch="arm64"),
)
INVENTORY = Inventory("3.13", BUILDS, included=tuple(map(build, ("3.13.7", "3.12.4", "3.11.9"))))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (">=3.10", "3.13.7"),
        (">=3.10,<3.13", "3.12.4"),
        ("<3.12", "3.11.9"),
        ("3", "3.13.7"),
        ("3.13", "3.13.7"),
        ("3.13.9", "3.13.9"),
        (">=3.14", "3.15.0"),
        ("3.14", "3.14.2"),
        ("3.13t", "3.13.7"),
    ],
)
def test_what_is_included_goes_before_what_is_not_but_never_against_the_wish(text: str, version: str) -> None:
    """A range and a minor version are met by included builds; who names what is not included still gets it."""
    assert str(resolve(parse_version_request(text, "here"), INVENTORY, "amd64").version) == version


def test_the_usual_package_chooses_as_ever() -> None:
    """Nothing is included, nothing is preferred."""
    usual = replace(INVENTORY, included=())
    assert str(resolve(parse_version_request("3.13", "here"), usual, "amd64").version) == "3.13.9"
    assert str(resolve(parse_version_request(">=3.10,<3.13", "here"), usual, "amd64").version) == "3.12.4"


def test_archives_are_found_by_digest_and_verified(tmp_path: Path) -> None:
    """Only rows whose archive is there are included; a changed archive ends the build instead of being used."""
    whole = replace(build("3.13.7", url="x.tar.zst"), sha256=hashlib.sha256(CONTENT).hexdigest())
    assert read_included(tmp_path, (whole,)).interpreters == ()
    (tmp_path / FOLDER).mkdir()
    archive = tmp_path / FOLDER / archive_name(whole)
    archive.write_bytes(CONTENT)
    included = read_included(tmp_path, (whole, *BUILDS))
    assert (included.interpreters, archive.suffix) == ((whole,), ".zst")
    assert included.archive(whole) == archive
    assert included.archive(build("3.12.4")) is None
    archive.write_bytes(CONTENT[:-1])
    with pytest.raises(PackageDamaged, match=archive.name):
        included.archive(whole)


def test_a_version_that_is_not_included_and_cannot_be_fetched_is_named_with_those_that_are() -> None:
    """In versions' order, with the reason of the download; the usual package explains only the download."""
    error = DownloadFailed("These addresses were tried: none answered.", "Try again.")
    refusal: BuildpackError = Included(Path(), (build("3.13.7"), build("3.9.1"))).explain(build("3.14.2"), error)
    assert isinstance(refusal, PythonNotIncluded)
    assert refusal.what == (
        "Python 3.14.2 is not in this package, which includes: 3.9.1, 3.13.7. "
        "These addresses were tried: none answered."
    )
    assert "--python 3.14 " in refusal.cure
    assert Included(Path()).explain(build("3.14.2"), error) is error
