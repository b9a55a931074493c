"""The default minor, and lists that disagree."""

from dataclasses import replace

import pytest

from devkit.inventory.builds import Build
from devkit.inventory.policy import (
    DefaultMinorUnfit,
    DigestsDisagree,
    check_default,
    check_digests,
    decide_default,
    describe_changes,
)

AMD64 = Build("3.14.0", "20251120", "linux", "amd64", "gnu", "default", "https://example.org/a", "a" * 64)


def both(version: str, build: str, variant: str = "default") -> list[Build]:
    amd64 = replace(AMD64, version=version, build=build, variant=variant)
    return [amd64, replace(amd64, arch="arm64")]


BUILDS = [*both("3.15.2", "20261110"), *both("3.15.0", "20261013"), *both("3.14.0", "20251120")]


def test_the_default_is_the_newest_minor_that_has_been_out_for_six_months() -> None:
    """3.15 is a month old, so 3.14 it is; half a year after its first build 3.15 takes over."""
    assert decide_default(BUILDS) == "3.14"
    assert decide_default([*BUILDS, *both("3.15.5", "20270412")]) == "3.14"
    assert decide_default([*BUILDS, *both("3.15.5", "20270413")]) == "3.15"


def test_a_minor_that_is_only_there_without_the_gil_or_for_one_processor_is_no_default() -> None:
    """An app that asks for nothing must build on every target."""
    lacking = [*BUILDS, *both("3.15.5", "20270413"), *both("3.16.0", "20260101", "freethreaded"), AMD64]
    lacking.append(replace(AMD64, version="3.17.0", build="20260101"))
    assert decide_default(lacking) == "3.15"


@pytest.mark.parametrize(
    ("minor", "reason"), [("3.15", "2026-10-13"), ("3.13", "no final build of it for amd64 and arm64")]
)
def test_a_default_that_breaks_the_rule_is_refused_with_the_facts_and_one_that_keeps_it(
    minor: str, reason: str
) -> None:
    """Whoever refreshes learns what speaks against the choice and what to say instead."""
    with pytest.raises(DefaultMinorUnfit, match=reason) as caught:
        check_default(minor, BUILDS)
    assert caught.value.cure == "Give --default 3.14."
    check_default("3.14", BUILDS)


def test_one_address_with_two_digests_stops_the_refresh() -> None:
    """Either list may be the wrong one, so nobody but a person may decide."""
    with pytest.raises(DigestsDisagree, match=r"https://example\.org/a\n  has sha256 a{64} in known\n  and b{64}"):
        check_digests([AMD64], [replace(AMD64, sha256="b" * 64)], "known")
    check_digests([AMD64], [replace(AMD64, url="https://example.org/b", sha256="b" * 64)], "known")


def test_changes_are_told_one_by_one() -> None:
    """A build that was withdrawn or replaced is seen before it is committed."""
    newer = replace(AMD64, build="20251203", url="https://example.org/b", sha256="b" * 64)
    gone, new = replace(AMD64, version="3.13.1"), replace(AMD64, version="3.14.1", variant="freethreaded")
    assert describe_changes([AMD64, gone], [newer, new]) == (
        "new: 3.14.1t amd64, build 20251120",
        "gone: 3.13.1 amd64, build 20251120",
        "changed: 3.14.0 amd64, from build 20251120 to 20251203",
    )
    assert describe_changes(BUILDS, BUILDS) == ()
