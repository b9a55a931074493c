"""Layers as tar files: what is in them, what does not show, and the way back (cnb-contract §1.7, §1.8)."""

import io
import os
import socket
import tarfile
from pathlib import Path

import pytest

from devkit.lifecycle import Built, Request, build, launch
from devkit.lifecycle.digest import CacheCorrupt, pack, unpack
from devkit.lifecycle.problems import Violation

ASSETS = Path(__file__).parent / "assets" / "lifecycle"


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """Return a directory with a file, a directory and links."""
    root = tmp_path / "layer"
    (root / "d").mkdir(parents=True)
    (root / "d" / "file").write_text("text")
    (root / "b").write_text("b")
    (root / "a").symlink_to("/nowhere")
    return root


def entries(root: Path) -> list[tarfile.TarInfo]:
    """Return what is in the tar of ``root``."""
    sink = io.BytesIO()
    pack(root, "layers/x", sink)
    with tarfile.open(fileobj=io.BytesIO(sink.getvalue()), errors="surrogateescape") as tar:
        return tar.getmembers()


def test_entries_are_sorted_and_normalised(layer: Path) -> None:
    """Times, owners and their names are constants; modes, links and texts are kept."""
    (layer / "b").chmod(0o4755)

    found = entries(layer)

    assert [entry.name for entry in found] == [
        "layers/x", "layers/x/a", "layers/x/b", "layers/x/d", "layers/x/d/file",
    ]  # fmt: skip
    assert {(entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname) for entry in found} == {
        (315_532_801, 1001, 1001, "", "")
    }
    assert (found[1].linkname, found[2].mode, found[4].size) == ("/nowhere", 0o4755, 4)


def test_a_digest_depends_on_contents_and_modes_only(layer: Path, tmp_path: Path) -> None:
    """Not on times, owners, place, extended attributes, nor on whether two files are one."""
    before = pack(layer, "x")
    os.utime(layer / "b", (1, 1))
    layer.rename(tmp_path / "moved")
    moved = tmp_path / "moved"
    assert pack(moved, "x") == before

    (moved / "c").write_text("b")
    copied = pack(moved, "x")
    (moved / "c").unlink()
    (moved / "c").hardlink_to(moved / "b")
    assert pack(moved, "x") == copied != before

    (moved / "c").chmod(0o600)
    assert pack(moved, "x") != copied


def test_names_that_are_no_text_are_kept(layer: Path) -> None:
    """File names are bytes."""
    (layer / "d" / os.fsdecode(b"\xff")).touch()

    assert entries(layer)[4].name == "layers/x/d/file"
    assert os.fsencode(entries(layer)[5].name) == b"layers/x/d/\xff"


def test_sockets_are_left_out_and_pipes_are_refused(layer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lifecycle skips the first and cannot restore the second."""
    before = pack(layer, "x")
    monkeypatch.chdir(layer)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
    assert pack(layer, "x") == before

    os.mkfifo(layer / "pipe")
    with pytest.raises(Violation):
        pack(layer, "x")


def test_what_was_packed_comes_back(layer: Path, tmp_path: Path) -> None:
    """With the same digest; the times are arbitrary, and the same for the same digest."""
    with (tmp_path / "x.tar").open("wb") as sink:
        packed = pack(layer, "place/x", sink)

    for name in ("one", "two"):
        unpack(tmp_path / "x.tar", packed.digest, tmp_path / name)

    one, two = (tmp_path / name / "place" / "x" for name in ("one", "two"))
    assert pack(one, "place/x") == packed
    assert (one / "b").stat().st_mtime == (two / "b").stat().st_mtime != (one / "d" / "file").stat().st_mtime


def test_a_damaged_or_missing_archive_restores_nothing(layer: Path, tmp_path: Path) -> None:
    """The digest is checked before the first file is written."""
    with (tmp_path / "x.tar").open("wb") as sink:
        packed = pack(layer, "x", sink)
    (tmp_path / "x.tar").write_bytes((tmp_path / "x.tar").read_bytes()[:-1])

    for archive in (tmp_path / "x.tar", tmp_path / "none.tar"):
        with pytest.raises(CacheCorrupt):
            unpack(archive, packed.digest, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_sboms_lie_in_the_image_where_scanners_look(tmp_path: Path) -> None:
    """Those of launch layers and of the launch as a whole; those of other layers and of the build do not."""
    (tmp_path / "app").mkdir()
    script = """layer a launch; content a x; layer b build; content b x
for name in a b launch build; do echo $name > $CNB_LAYERS_DIR/$name.sbom.cdx.json; done"""

    result = build(Request((ASSETS / "first",), tmp_path / "app", tmp_path / "state", {"FIRST_BUILD": script}))

    assert isinstance(result, Built)
    with launch(tmp_path / "state", command=("sh", "-c", "cd ../layers/sbom; find . -type f")) as running:
        running.wait()
        assert sorted(running.log.split()) == [
            "./launch/test_first/a/sbom.cdx.json",
            "./launch/test_first/sbom.cdx.json",
        ]
