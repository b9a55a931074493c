"""What is taken out of upstream's lists, and how."""

import json
from typing import Any

import pytest

from devkit.inventory.builds import Build, InterpreterFeedUnreadable, parse_feed

SHA = "0123456789abcdef" * 4


def row(version: str = "3.13.1", **changes: Any) -> dict[str, Any]:
    fields = {"implementation": "cpython", "variant": None, "os": "linux", "arch": "x86_64", "libc": "gnu"}
    address = {"url": f"https://example.org/{version}", "sha256": SHA, "build": "20241219"}
    return {**fields, "version": version, **address, **changes}


def uv_entry(**changes: Any) -> dict[str, Any]:
    number = {"major": 3, "minor": 13, "patch": 1, "prerelease": "", "variant": None, "build": "20241219"}
    place = {"name": "cpython", "os": "linux", "libc": "gnu", "arch": {"family": "x86_64", "variant": None}}
    return {**number, **place, "url": "https://example.org/3.13.1", "sha256": SHA, **changes}


def parse(*rows: dict[str, Any]) -> list[str]:
    builds = parse_feed(json.dumps([row("3.9.1"), *rows]), "test")
    return [f"{build.version} {build.variant} {build.arch} {build.build}" for build in builds[:-1]]


def test_a_row_becomes_a_build_in_the_words_of_the_cnb_specification() -> None:
    """The names of processors are those of the buildpack's targets, and no variant means the default one."""
    [build] = parse_feed(json.dumps([row(arch="aarch64")]), "test")
    expected = Build("3.13.1", "20241219", "linux", "arm64", "gnu", "default", "https://example.org/3.13.1", SHA)
    assert expected == build


def test_uv_s_list_gives_the_same_builds_as_our_snapshot() -> None:
    """Both forms are read into one."""
    assert parse_feed(json.dumps([row()]), "ours") == parse_feed(json.dumps({"any": uv_entry()}), "uv's")


@pytest.mark.parametrize(
    "unwanted",
    [
        row("3.14.0rc1"),
        row("3.16.0a2"),
        row("3.8.20"),
        row(variant="debug"),
        row(variant="freethreaded+debug"),
        row(libc="musl"),
        row(os="darwin"),
        row(arch="riscv64"),
        row(implementation="pypy"),
        row(sha256=None),
    ],
    ids=lambda unwanted: " ".join(str(unwanted[name]) for name in ("version", "variant", "libc", "arch")),
)
def test_what_must_never_be_installed_is_left_out(unwanted: dict[str, Any]) -> None:
    """Prereleases (even of a minor that has nothing else), debug builds, other platforms and unverifiable rows."""
    assert parse(unwanted) == []


def test_a_processor_that_needs_newer_instructions_is_not_taken_for_the_common_one() -> None:
    """In uv's list x86_64_v3 is a variant of x86_64; such an interpreter crashes on older processors."""
    newer = uv_entry(arch={"family": "x86_64", "variant": "v3"}, url="https://example.org/v3")
    builds = parse_feed(json.dumps({"v3": newer, "plain": uv_entry()}), "test")
    assert [build.url for build in builds] == ["https://example.org/3.13.1"]


def test_newest_version_first_whatever_the_order_of_the_feed() -> None:
    """Versions are compared as numbers, then the default variant and amd64 come first."""
    rows = [
        row("3.9.2"), row("3.13.2", variant="freethreaded"), row("3.13.10", arch="aarch64"), row("3.13.2"),
        row("3.13.10"),
    ]  # fmt: skip
    expected = [
        "3.13.10 default amd64 20241219", "3.13.10 default arm64 20241219", "3.13.2 default amd64 20241219",
        "3.13.2 freethreaded amd64 20241219", "3.9.2 default amd64 20241219",
    ]  # fmt: skip
    assert expected == parse(*rows)
    assert expected == parse(*reversed(rows))


def test_of_several_builds_of_a_version_the_newest_is_taken() -> None:
    """A later build brings the same Python with newer OpenSSL and SQLite."""
    rows = [row(build="20250106"), row(build="20250317"), row(build="20241219")]
    assert parse(*rows) == ["3.13.1 default amd64 20250317"]


@pytest.mark.parametrize("text", ["", "<html>", "[1]", '{"a": 1}', "[]", json.dumps([row(sha256="short")])])
def test_what_is_no_list_of_builds_is_refused_by_name(text: str) -> None:
    """An error page or a damaged file never becomes an empty inventory."""
    with pytest.raises(InterpreterFeedUnreadable, match=r"the\.json"):
        parse_feed(text, "the.json")
