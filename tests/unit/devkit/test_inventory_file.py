"""The committed inventory.toml, and the command that writes it."""

import argparse
import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from devkit.inventory import command
from devkit.inventory.builds import Build
from devkit.inventory.document import InventoryUnreadable, read_inventory
from devkit.inventory.policy import check_default

ROOT = Path(__file__).parents[3]
INVENTORY = ROOT / "inventory.toml"

NEVER_PUBLISHED = {"3.9.8", "3.9.9", "3.10.1", "3.10.10", "3.11.0", "3.11.2"}
"""Releases of CPython that upstream skipped (said in its list by their absence)."""

UPSTREAM = "https://github.com/astral-sh/python-build-standalone/releases/download"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return tomllib.loads(INVENTORY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def builds() -> tuple[Build, ...]:
    return read_inventory(INVENTORY)[1]


def test_every_row_is_complete_and_well_formed(document: dict[str, Any]) -> None:
    """Exactly the keys of the design, each with a value that the buildpack can use without a second look."""
    patterns = {
        "version": r"3\.\d+\.\d+", "build": r"20\d{6}", "os": "linux", "arch": "amd64|arm64", "libc": "gnu",
        "variant": "default|freethreaded", "url": re.escape(UPSTREAM) + r"/\d{8}/cpython-[^/]+\.tar\.(gz|zst)",
        "sha256": "[0-9a-f]{64}",
    }  # fmt: skip
    assert list(document) == ["default", "interpreters"]
    for row in document["interpreters"]:
        assert list(row) == list(patterns)
        assert [name for name, pattern in patterns.items() if not re.fullmatch(pattern, row[name])] == []


def test_every_url_leads_to_what_the_row_says(builds: tuple[Build, ...]) -> None:
    """Version, day and processor of the row are those in upstream's file name, and debug builds are not there."""
    for build in builds:
        day, name = unquote(build.url).split("/")[-2:]
        assert day == build.build
        assert name.startswith(f"cpython-{build.version}")
        assert f"-{MACHINES[build.arch]}-unknown-linux-gnu-" in name
        assert ("freethreaded" in name) == (build.variant == "freethreaded")
        assert "debug" not in name


def test_no_interpreter_is_listed_twice(builds: tuple[Build, ...]) -> None:
    """Neither a key nor a digest: a copied digest would be a wrong one."""
    assert len(builds) == len({build.key for build in builds}) == len({build.sha256 for build in builds})


def test_every_minor_from_3_9_on_runs_on_both_processors(builds: tuple[Build, ...]) -> None:
    """The newest patch of each is there for all targets, and from 3.13 on also without the GIL."""
    newest: dict[tuple[str, str, str], Build] = {}
    for build in builds:
        newest.setdefault((build.minor, build.variant, build.arch), build)
    for number in range(9, 16):
        for variant in ("default", "freethreaded") if number >= 13 else ("default",):
            [version] = {newest[f"3.{number}", variant, arch].version for arch in MACHINES}
            assert version.startswith(f"3.{number}.")


def test_every_patch_that_apps_in_the_wild_ask_for_is_listed_or_known_to_be_missing_upstream(
    builds: tuple[Build, ...],
) -> None:
    """No release disappears unnoticed when the list is refreshed; what upstream lacks is written down above."""
    listed = {
        arch: {build.version for build in builds if (build.arch, build.variant) == (arch, "default")}
        for arch in MACHINES
    }
    # arm64 begins with 3.9.6 upstream.
    first = {"amd64": 0, "arm64": 6}
    last = {
        minor: max(int(v.split(".")[2]) for v in listed["amd64"] if v.startswith(f"3.{minor}."))
        for minor in range(9, 16)
    }
    for arch, versions in listed.items():
        wanted = {
            f"3.{minor}.{patch}"
            for minor, newest in last.items()
            for patch in range(first[arch] if minor == 9 else 0, newest + 1)
        }
        assert wanted - versions == NEVER_PUBLISHED & wanted
    least = {9: 25, 10: 22, 11: 18, 12: 16, 13: 18, 14: 10, 15: 2}
    assert all(last[minor] >= patch for minor, patch in least.items())


def test_newest_first(builds: tuple[Build, ...]) -> None:
    """A reader, human or not, may take the first row that fits."""
    versions = [tuple(map(int, build.version.split("."))) for build in builds]
    assert versions == sorted(versions, reverse=True)


def test_the_committed_default_keeps_the_rule(document: dict[str, Any], builds: tuple[Build, ...]) -> None:
    """It is the one that the generator was given, and old enough."""
    assert document["default"] == command.DEFAULT_MINOR
    check_default(document["default"], builds)


@pytest.mark.skipif(not command.SNAPSHOT.exists(), reason="no snapshot of upstream's builds beside the checkout")
def test_the_committed_file_is_what_the_generator_writes() -> None:
    """Nobody edited it by hand, and the generator writes the same bytes wherever it runs."""
    assert command.refresh(command.SNAPSHOT.read_bytes()) == INVENTORY.read_text(encoding="utf-8")


def run(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(argv))


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    path = tmp_path / "feed.json"
    common = {"implementation": "cpython", "variant": None, "os": "linux", "libc": "gnu"}
    rows = [
        {**common, "version": version, "build": build, "arch": arch, "url": f"{version}-{arch}", "sha256": "a" * 64}
        for version, build in (("3.15.0", "20261013"), ("3.14.0", "20251120"))
        for arch in MACHINES.values()
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_refreshing_writes_what_check_then_finds_up_to_date(
    snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check answers for CI, without writing; each change of the list is reported."""
    arguments = ["--from", str(snapshot), "--output", str(tmp_path / "inventory.toml")]
    assert run(*arguments, "--check") == 1
    assert not (tmp_path / "inventory.toml").exists()
    assert run(*arguments) == 0
    assert run(*arguments, "--check") == 0
    rows = json.loads(snapshot.read_text(encoding="utf-8"))
    snapshot.write_text(json.dumps([{**rows[0], "version": "3.15.1", "url": "new"}, *rows]), encoding="utf-8")
    capsys.readouterr()
    assert run(*arguments) == 0
    assert "inventory.toml -> feed.json: new: 3.15.1 amd64, build 20261013\n" in capsys.readouterr().out


def test_a_damaged_inventory_is_named_before_it_is_overwritten(snapshot: Path, tmp_path: Path) -> None:
    """What cannot be compared is not replaced: its digests might disagree with the new ones."""
    damaged = tmp_path / "inventory.toml"
    damaged.write_text('default = "3.14"\n[[interpreters]]\nversion = "3.14.0"\n', encoding="utf-8")
    with pytest.raises(InventoryUnreadable, match="is not an inventory"):
        run("--from", str(snapshot), "--output", str(damaged))
