"""Reading and writing what installers record about a distribution."""

import os
import tracemalloc
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_buildpack.installed.dist_info import (
    DirectUrl,
    DistInfo,
    RecordEntry,
    UnreadableDirectUrl,
    format_record,
    parse_record,
    read_dist_infos,
    site_packages,
)

PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1)
ENTRIES = st.builds(RecordEntry, PATHS, st.just("") | st.just("sha256=x"), st.none() | st.integers(0))
MEGABYTE = 1 << 20


@pytest.fixture
def info(tmp_path: Path) -> DistInfo:
    """Return a distribution whose files are links, as uv makes them to its cache."""
    folder = tmp_path / "site-packages" / "Some_Thing-1.0.dist-info"
    folder.mkdir(parents=True)
    (tmp_path / "cache").mkdir()
    rows = ["thing.py,sha256=x,1", *(f"{folder.name}/{name},," for name in ("METADATA", "REQUESTED", "RECORD"))]
    record = "".join(f"{row}\n" for row in rows)
    for name, text in {"METADATA": "Name: thing\n\nLong.\n", "REQUESTED": "", "RECORD": record}.items():
        (tmp_path / "cache" / name).write_text(text, encoding="utf-8")
        (folder / name).hardlink_to(tmp_path / "cache" / name)
    (found,) = read_dist_infos(folder.parent)
    return found


@given(st.lists(ENTRIES))
def test_a_list_that_is_written_is_read_back(entries: list[RecordEntry]) -> None:
    """Whatever the files are called: with commas, quotes, line breaks, and characters that end a line elsewhere."""
    assert parse_record(format_record(entries)) == tuple(entries)


def test_a_list_is_read_as_the_standard_library_reads_it(info: DistInfo) -> None:
    """Paths, digests and sizes; and the name says which distribution it is."""
    found = PathDistribution(info.folder).files or ()
    assert [(str(file), file.size) for file in found] == [(entry.path, entry.size) for entry in info.record()]
    assert (info.name, info.version) == ("some-thing", "1.0")


@pytest.mark.parametrize(
    "damage",
    [
        b'"thing.py',
        b'"thing"x.py,,\n',
        b"a,sha256=x,many\n",
        b"a,sha256=x,-1\n",
        b"a,sha256=x,1,2\n",
        b",sha256=x,1\n",
        b"\xff,,\n",
        b"a\0,,\n",
        b'"' + b"a" * 200_000 + b'",,\n',
    ],
)
def test_a_list_that_is_damaged_anywhere_counts_as_none(info: DistInfo, damage: bytes) -> None:
    """Half of a list would give a wrong digest, and files that belong to nobody; it is not written again either."""
    damaged = (info.folder / "RECORD").read_bytes() + damage
    (info.folder / "RECORD").write_bytes(damaged)
    assert info.record() == ()
    info.remove("REQUESTED")
    assert not (info.folder / "REQUESTED").exists()
    assert (info.folder / "RECORD").read_bytes() == damaged


def test_a_change_keeps_the_list_true_and_the_cache_of_the_installer_as_it_was(info: DistInfo, tmp_path: Path) -> None:
    """What is written has its new digest and size, what is removed has no line; and nothing is written in place."""
    cached = {file.name: file.read_bytes() for file in (tmp_path / "cache").iterdir()}
    info.write("METADATA", b"Name: thing\n")
    info.remove("REQUESTED")
    assert info.record() == (
        RecordEntry("thing.py", "sha256=x", 1),
        RecordEntry.of(f"{info.folder.name}/METADATA", info.folder / "METADATA"),
        RecordEntry(f"{info.folder.name}/RECORD"),
    )
    assert (info.folder / "METADATA").read_bytes() == b"Name: thing\n"
    assert {file.name: file.read_bytes() for file in (tmp_path / "cache").iterdir()} == cached


def test_a_list_that_does_not_change_is_not_written(info: DistInfo, tmp_path: Path) -> None:
    """It stays the installer's own file."""
    info.change_record(lambda entries: entries)
    assert (info.folder / "RECORD").samefile(tmp_path / "cache" / "RECORD")


def test_a_huge_file_is_read_to_a_limit(info: DistInfo) -> None:
    """Of METADATA the fields, which come first; of a list nothing, as half of it is none."""
    heads = {"METADATA": b"Name: thing\nVersion: 1.0\n\n", "RECORD": b"a,,\n", "direct_url.json": b"{}"}
    for name, head in heads.items():
        (info.folder / name).unlink(missing_ok=True)
        with (info.folder / name).open("wb") as file:
            file.write(head)
            file.truncate(256 * MEGABYTE)
    tracemalloc.start()
    assert info.fields() == {"name": ["thing"], "version": ["1.0"]}
    assert info.record() == ()
    assert info.direct_url() == UnreadableDirectUrl()
    assert tracemalloc.get_traced_memory()[1] < 64 * MEGABYTE
    tracemalloc.stop()


@pytest.mark.parametrize("shift", range(0, 120, 20))
def test_fields_beyond_the_limit_are_not_cut_in_two(info: DistInfo, shift: int) -> None:
    """Half of a requirement could be another one; wherever in a line the limit is."""
    line = f"Requires-Dist: {'a' * 99}\n"
    (info.folder / "METADATA").unlink()
    (info.folder / "METADATA").write_text(f"Name: {'x' * shift}\n" + line * 50_000, encoding="utf-8")
    found = info.fields()["requires-dist"]
    assert set(found) == {"a" * 99}
    assert len(found) < 50_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"url": "file:///x", "dir_info": {}}', DirectUrl({"url": "file:///x", "dir_info": {}})),
        ("[" * 100_000, UnreadableDirectUrl()),
        ("[]", UnreadableDirectUrl()),
        ("", UnreadableDirectUrl()),
        (None, None),
    ],
)
def test_where_it_comes_from(info: DistInfo, text: str | None, expected: object) -> None:
    """PEP 610: without the file it is from an index; with one that cannot be read, nobody knows."""
    if text is not None:
        (info.folder / "direct_url.json").write_text(text, encoding="utf-8")
    assert info.direct_url() == expected


def test_the_site_packages_of_an_environment(tmp_path: Path) -> None:
    """There is one; what has none is no environment."""
    with pytest.raises(ValueError, match="not enough values"):
        site_packages(tmp_path)
    (tmp_path / "lib/python3.13/site-packages").mkdir(parents=True)
    assert site_packages(tmp_path) == tmp_path / "lib/python3.13/site-packages"


def test_metadata_that_is_a_pipe_or_has_no_end_is_not_waited_for(info: DistInfo) -> None:
    """Code of a package that is built from source can leave such things in the environment."""
    for name in ("METADATA", "RECORD", "WHEEL", "direct_url.json"):
        (info.folder / name).unlink(missing_ok=True)
        os.mkfifo(info.folder / name)
    (info.folder / "entry_points.txt").symlink_to("/dev/zero")
    assert info.fields() == {}
    assert info.record() == ()
    assert info.tags() == ()
    assert info.direct_url() == UnreadableDirectUrl()
    assert "=" not in info.entry_points()
