"""The graph: markers evaluated for the installed interpreter, extras by what is there."""

import pytest
from packaging.version import Version

from python_buildpack.sbom.bill import Component, FromIndex, LicenseNotStated, roots
from python_buildpack.sbom.distributions import Distribution
from python_buildpack.sbom.requirements import dependencies, marker_environment


def installed(name: str, *requires: str, extras: tuple[str, ...] = (), version: str = "1.0") -> Distribution:
    """Return a distribution as it would have been read."""
    return Distribution(name, version, LicenseNotStated(), requires, extras, FromIndex(), None)


def graph(*distributions: Distribution, python: str = "3.13.1", arch: str = "amd64") -> dict[str, tuple[str, ...]]:
    """Return the names that each distribution depends on."""
    return {str(key): tuple(names) for key, names in dependencies(
        distributions, marker_environment(Version(python), arch)).items()}  # fmt: skip


def test_names_are_compared_as_pep_503_says() -> None:
    """Spelling, case and punctuation make no difference, and what is absent makes no edge."""
    assert graph(installed("App", "Foo.Bar>=1", "absent"), installed("foo_bar")) == {
        "app": ("foo-bar",),
        "foo-bar": (),
    }


@pytest.mark.parametrize(
    ("marker", "python", "arch", "expected"),
    [
        ("python_version < '3.12'", "3.11.9", "amd64", ("b",)),
        ("python_version < '3.12'", "3.12.0", "amd64", ()),
        ("python_version >= '3.10'", "3.9.1", "amd64", ()),
        ("platform_machine == 'aarch64'", "3.13.0", "arm64", ("b",)),
        ("platform_machine == 'aarch64'", "3.13.0", "amd64", ()),
        ("sys_platform == 'win32'", "3.13.0", "amd64", ()),
        ("platform_release >= '5'", "3.13.0", "amd64", ()),
        ("extra == 'never' and python_version < '3'", "3.13.0", "amd64", ()),
    ],
)
def test_markers_are_for_the_installed_python(marker: str, python: str, arch: str, expected: tuple[str, ...]) -> None:
    """Neither our own interpreter nor our own machine takes part."""
    assert graph(installed("a", f"b; {marker}"), installed("b"), python=python, arch=arch)["a"] == expected


def test_an_extra_counts_where_an_installed_distribution_asks_for_it() -> None:
    """By way of another one as well, and what it lacks does not matter then."""
    found = graph(
        installed("app", "server[fast]"),
        installed("server", "loop[c]; extra == 'fast'", "gone; extra == 'fast'", extras=("fast",)),
        installed("loop", "speed; extra == 'c'", "absent; extra == 'c'", extras=("c",)),
        installed("speed"),
    )
    assert found == {"app": ("server",), "server": ("loop",), "loop": ("speed",), "speed": ()}


def test_an_extra_counts_where_all_of_it_is_installed() -> None:
    """Nobody recorded what the app asked for; half of an extra is there for another reason."""
    server = installed(
        "server", "a; extra == 'whole'", "b; extra == 'whole'", "a; extra == 'half'", "absent; extra == 'half'",
        "c>=2; extra == 'older'", extras=("whole", "half", "older"),
    )  # fmt: skip
    assert graph(server, installed("a"), installed("b"), installed("c"))["server"] == ("a", "b")
    assert graph(server, installed("a"))["server"] == ()


def test_old_metadata_that_no_standard_knows_is_left_out() -> None:
    """One bad line costs one edge."""
    assert graph(installed("a", "b (>=1.0", "b ==", "c"), installed("b"), installed("c"))["a"] == ("c",)


def test_a_distribution_does_not_depend_on_itself() -> None:
    """Extras name each other in this way: all = ["app[fast]"]."""
    assert graph(installed("app", "app[fast]; extra == 'all'", extras=("all", "fast"))) == {"app": ()}


def test_everything_is_reached_from_the_roots() -> None:
    """What nothing depends on, and one of each ring that nothing else leads to."""
    ring = [("a", ("b",)), ("b", ()), ("x", ("y",)), ("y", ("x",)), ("z", ("z",))]
    assert roots([Component(p, "1", p, depends_on=targets) for p, targets in ring]) == ("a", "x", "z")
