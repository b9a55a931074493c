"""Which heavy packages other distributions wrote into."""

from pathlib import Path

import pytest

from python_buildpack.layers.packages.description import Distribution
from python_buildpack.layers.packages.overwritten import find_overwritten
from python_buildpack.layers.packages.split import Group

GROUPS = (
    Group("package-stone", (Distribution("stone", "1.0", {"stone": 1}),)),
    Group(
        "package-slate", (Distribution("slate", "1.0", {"slate": 1}), Distribution("slate-more", "1.0", {"slate": 1}))
    ),
)
STONE = ("stone/__init__.py", "stone_one.py", "../../../bin/stone", "stone-1.0.dist-info/METADATA")


def install(site: Path, folder: str, *listed: str) -> None:
    """Write a metadata directory whose RECORD lists these files."""
    (site / folder).mkdir(exist_ok=True)
    (site / folder / "RECORD").write_text("".join(f"{path},,\n" for path in (*listed, f"{folder}/RECORD")))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a directory with the members of the groups, and another distribution."""
    install(tmp_path, "stone-1.0.dist-info", *STONE)
    install(tmp_path, "slate-1.0.dist-info", "slate/__init__.py", "slate_one.py")
    install(tmp_path, "slate_more-1.0.dist-info", "slate/more.py", "slate_one.py")
    install(tmp_path, "feather-1.0.dist-info", "feather/stone/__init__.py", "feather.py")
    return tmp_path


def test_distributions_that_keep_to_their_own_files(site: Path) -> None:
    """Members of one group may share files: they are reused together or not at all."""
    assert not find_overwritten(GROUPS, site)


@pytest.mark.parametrize("path", [*STONE, "stone/new.py", "stone-1.0.dist-info/new", "x/../stone_one.py"])
def test_a_file_that_another_distribution_lists(site: Path, path: str) -> None:
    """Or that it puts among the files of the group."""
    install(site, "thief-1.0.dist-info", "thief.py", path)
    assert find_overwritten(GROUPS, site) == {"package-stone"}


def test_a_member_of_another_group(site: Path) -> None:
    """It is reused at other times than this one."""
    install(site, "stone-1.0.dist-info", *STONE, "slate_one.py")
    assert "package-slate" in find_overwritten(GROUPS, site)


def test_a_second_directory_of_a_name(site: Path) -> None:
    """Its files could belong to either."""
    install(site, "Stone-0.9.dist-info", "stone/hidden.py")
    assert find_overwritten(GROUPS, site) == {"package-stone"}


@pytest.mark.parametrize("record", [None, b"", b'"'])
def test_a_list_that_cannot_be_read(site: Path, record: bytes | None) -> None:
    """It may list anything."""
    install(site, "thief-1.0.dist-info")
    (site / "thief-1.0.dist-info" / "RECORD").unlink()
    if record is not None:
        (site / "thief-1.0.dist-info" / "RECORD").write_bytes(record)
    assert find_overwritten(GROUPS, site) == {"package-stone", "package-slate"}
