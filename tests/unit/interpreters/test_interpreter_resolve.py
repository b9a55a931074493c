"""From a wish to a build."""

from datetime import date

import pytest
from packaging.version import Version

from python_buildpack.interpreters.end_of_life import END_OF_LIFE, end_of_life, is_end_of_life
from python_buildpack.interpreters.inventory import Interpreter, Inventory
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.interpreters.resolve import (
    PythonNotForPlatform,
    PythonVersionUnknown,
    PythonVersionUnsatisfiable,
    resolve,
)


def build(version: str, arch: str = "amd64", build: str = "20260101", variant: str = "default") -> Interpreter:
    return Interpreter(Version(version), build, "linux", arch, "gnu", variant, "https://host/x", "0" * 64)  # type: ignore[arg-type] # text for brevity


INVENTORY = Inventory(
    "3.13",
    (
        build("3.15.0a2"),
        build("3.14.1"),
        build("3.14.0"),
        build("3.14.1", variant="freethreaded"),
        build("3.13.9"),
        build("3.13.10", build="20260101"),
        build("3.13.10", build="20260301"),
        build("3.13.10", build="20260201"),
        build("3.12.7"),
        build("3.12.4"),
        build("3.12.1"),
        build("3.12.0"),
        build("3.12.0rc1"),
        build("3.14.1", arch="arm64"),
        build("3.13.10", arch="arm64"),
    ),
)


def resolved(text: str, arch: str = "amd64") -> tuple[str, str]:
    found = resolve(parse_version_request(text, "runtime.txt"), INVENTORY, arch)
    return str(found.version), found.build


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.12", "3.12.7"),
        ("3.12.4", "3.12.4"),
        ("3.13", "3.13.10"),
        (">=3.10", "3.13.10"),
        ("3", "3.13.10"),
        (">=3.10,<3.13", "3.12.7"),
        (">3.13", "3.13.10"),
        (">=3.14", "3.14.1"),
        ("~=3.12.2", "3.12.7"),
        ("==3.12.*,!=3.12.7", "3.12.4"),
        ("!=3.13.*", "3.14.1"),
        ("==3.12", "3.12.0"),
        ("3.12.0rc1", "3.12.0rc1"),
        ("3.15.0a2", "3.15.0a2"),
    ],
)
def test_resolves(text: str, version: str) -> None:
    """A minor gives its newest patch; a range the default minor if allowed, else the newest; never a pre-release."""
    assert resolved(text)[0] == version


def test_takes_the_newest_build_of_a_version() -> None:
    """A rebuild of the same version brings security fixes of the libraries inside."""
    assert resolved("3.13.10") == ("3.13.10", "20260301")


def test_resolves_for_the_architecture() -> None:
    """A build for another architecture is none."""
    interpreter = resolve(parse_version_request("3", "x"), INVENTORY, "arm64")

    assert interpreter.arch == "arm64"


def test_a_free_threaded_wish_gets_that_build() -> None:
    """Nobody gets a free-threaded build unasked, and whoever asks gets no other."""
    assert resolve(parse_version_request("3.14t", "x"), INVENTORY, "amd64").variant == "freethreaded"
    assert resolve(parse_version_request("3.14", "x"), INVENTORY, "amd64").variant == "default"


def test_an_exact_version_that_is_missing_names_the_nearest() -> None:
    """Upstream skips some patch releases; the error names what there is beside it."""
    with pytest.raises(PythonVersionUnknown) as caught:
        resolved("3.12.2")

    assert caught.value.what == (
        "runtime.txt asks for Python 3.12.2, and there is no build of it. "
        "The newest 3.12 is 3.12.7; the nearest versions are: 3.12.0, 3.12.1, 3.12.4."
    )


@pytest.mark.parametrize("text", ["3.99", "3.99.1", "3.11", "3a1", "3rc2"])
def test_a_minor_that_is_unknown_names_all(text: str) -> None:
    """Where the whole minor version is missing, the error lists those that are there."""
    with pytest.raises(PythonVersionUnknown, match=r"There are: 3\.14, 3\.13, 3\.12\.$"):
        resolved(text)


def test_python_2_is_called_what_it_is() -> None:
    """Apps that ask for Python 2 are still around; the error says why not."""
    with pytest.raises(PythonVersionUnknown, match="Python 2 has had no fixes since 2020"):
        resolved("2.7.18")


def test_a_minor_with_pre_releases_only_is_explained() -> None:
    """A pre-release is not taken for the release, but named."""
    with pytest.raises(PythonVersionUnknown, match=r"only as the pre-release 3\.15\.0a2"):
        resolved("3.15")


def test_a_range_without_a_version_is_unsatisfiable() -> None:
    """The error lists what a range would have to allow."""
    with pytest.raises(PythonVersionUnsatisfiable, match=r"There are: 3\.14, 3\.13, 3\.12\. 3\.15 is newer"):
        resolved(">=3.15")


def test_a_range_that_pins_by_mistake_is_explained() -> None:
    """==3.13 means 3.13.0 alone, which few know."""
    with pytest.raises(PythonVersionUnsatisfiable, match=r"==3\.13 means 3\.13\.0"):
        resolved("==3.13")


@pytest.mark.parametrize("text", ["3.12", "3.12.4", "==3.12.*", "3.14t"])
def test_a_version_for_other_architectures_only(text: str) -> None:
    """A version that exists, though not for this architecture, is not called unknown."""
    with pytest.raises(PythonNotForPlatform, match="arm64"):
        resolved(text, "arm64")


def test_an_architecture_without_any_build() -> None:
    """An inventory of one's own may lack an architecture altogether."""
    with pytest.raises(PythonNotForPlatform, match="no version at all"):
        resolved("3.12", "riscv64")


@pytest.mark.parametrize("text", ["3.14t", "3.14+freethreaded"])
def test_an_inventory_without_free_threaded_builds(text: str) -> None:
    """The way out is the usual build of the same version."""
    with pytest.raises(PythonNotForPlatform) as caught:
        resolved(text, "arm64")
    assert caught.value.cure == "Use 3.14, the usual build."


@pytest.mark.parametrize(
    ("minor", "today", "ended"),
    [
        ("3.9", date(2025, 10, 31), False),
        ("3.9", date(2025, 11, 1), True),
        ("3.13", date(2026, 11, 22), False),
        ("2.7", date(2026, 1, 1), True),
        ("3.3", date(2026, 1, 1), True),
        ("3.99", date(2026, 1, 1), False),
    ],
)
def test_end_of_life(minor: str, today: date, ended: bool) -> None:
    """A minor version is past its end on the day after its last; what is older than the table is too."""
    assert is_end_of_life(minor, today) is ended


def test_end_of_life_is_known_for_all_that_we_install() -> None:
    """The table goes from Python 2 to the newest alpha, in order."""
    assert end_of_life("3.12") == date(2028, 10, 31)
    assert list(END_OF_LIFE.values()) == sorted(END_OF_LIFE.values())
