"""A tree in one file: written and put back, and never half."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from python_buildpack.app.snapshot import changes, digest_content, take_snapshot
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stored_tree import (
    NameUnsafe,
    NotStored,
    Restored,
    restore_tree,
    restore_trees,
    store_entries,
    store_tree,
    store_trees,
    with_folders,
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small tree with all that a virtual environment has: links, programs, bytecode, odd names."""
    root = tmp_path / "tree"
    (root / "bin").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "lib/__pycache__").mkdir(parents=True)
    (root / "bin/run").write_text("#!/bin/sh\n")
    (root / "bin/run").chmod(0o755)
    (root / "bin/python").symlink_to("/nowhere/python3")
    (root / "lib/big").write_bytes(os.urandom(3_000_000))
    os.link(root / "lib/big", root / "lib/second-name")
    (root / "lib/ünï").write_text("x")
    (root / "lib/__pycache__/m.pyc").write_text("bytecode")
    return root


def test_a_tree_comes_back_without_its_bytecode(tree: Path, tmp_path: Path) -> None:
    """Contents, executable bits, links and empty directories are as they were."""
    archive = CachedFile(tmp_path / "archive")
    store_tree(tree, archive)
    assert restore_tree(archive, tmp_path / "back") == Restored(5)
    back = tmp_path / "back"
    assert digest_content(back, take_snapshot(back)) == digest_content(tree, take_snapshot(tree))
    assert not (back / "lib/__pycache__").exists()
    assert (back / "bin/python").readlink() == Path("/nowhere/python3")
    assert stat.S_IMODE((back / "bin/run").stat().st_mode) == 0o755


def test_several_trees_come_back_together(tree: Path, tmp_path: Path) -> None:
    """All of them or, where one archive is missing, the answer that not all are there."""
    archives = {tmp_path / f"back{number}": CachedFile(tmp_path / f"archive{number}", {}) for number in range(3)}
    store_trees({shutil.copytree(tree, root, symlinks=True): archive for root, archive in archives.items()})
    for root in archives:
        shutil.rmtree(root)
    assert restore_trees(archives)
    content = digest_content(tree, take_snapshot(tree))
    assert {digest_content(back, take_snapshot(back)) for back in archives} == {content}
    (tmp_path / "archive1").unlink()
    assert not restore_trees(archives)
    assert restore_trees({})


def test_entries_replace_what_is_there(tree: Path, tmp_path: Path) -> None:
    """A file is put in the place of another, and of a link, which is not followed."""
    archive = CachedFile(tmp_path / "archive")
    store_entries(tree, ("bin/run", "lib", "lib/ünï"), archive)
    back = tmp_path / "back"
    (back / "bin").mkdir(parents=True)
    (tmp_path / "victim").write_text("untouched")
    (back / "bin/run").symlink_to(tmp_path / "victim")
    assert restore_tree(archive, back) == Restored(2)
    assert (back / "bin/run").read_text() == "#!/bin/sh\n"
    assert (tmp_path / "victim").read_text() == "untouched"


@pytest.mark.parametrize("keep", [0, 1, 1000, -1])
def test_a_damaged_archive_touches_nothing(tree: Path, tmp_path: Path, keep: int) -> None:
    """Cut short anywhere, it counts as not there."""
    archive = CachedFile(tmp_path / "archive")
    store_tree(tree, archive)
    archive.path.write_bytes(archive.path.read_bytes()[:keep])
    assert restore_tree(archive, tmp_path / "back") == NotStored()
    assert not (tmp_path / "back").exists()
    assert not archive.path.exists()


def test_a_forged_archive_touches_nothing(tree: Path, tmp_path: Path) -> None:
    """A whole archive that somebody else wrote, with names that lead out, counts as not there."""
    archive, forged = CachedFile(tmp_path / "archive"), CachedFile(tmp_path / "forged")
    store_tree(tree, archive)
    store_entries(tree, ("bin", "../tree/bin/run"), forged)
    forged.path.replace(archive.path)
    assert restore_tree(archive, tmp_path / "back") == NotStored()
    assert not (tmp_path / "back").exists()


def test_no_name_leads_out(tree: Path, tmp_path: Path) -> None:
    """Not even of an archive that the buildpack wrote itself."""
    archive = CachedFile(tmp_path / "archive")
    store_entries(tree, ("../tree/bin/run",), archive)
    with pytest.raises(NameUnsafe):
        restore_tree(archive, tmp_path / "back")


def test_no_archive_is_not_stored(tmp_path: Path) -> None:
    """Nothing is there on a first build."""
    assert restore_tree(CachedFile(tmp_path / "archive"), tmp_path / "back") == NotStored()


def test_a_failed_archive_is_not_left_behind(tree: Path, tmp_path: Path) -> None:
    """What could not be written whole is not there under its name."""
    with pytest.raises(FileNotFoundError):
        store_entries(tree, ("bin/run", "no-such-file"), CachedFile(tmp_path / "archive"))
    assert not list(tmp_path.glob("archive*"))


def test_a_snapshot_sees_every_kind_of_change(tree: Path) -> None:
    """New, changed with the same size and time, made executable, relinked, removed: all are noticed."""
    before = take_snapshot(tree)
    assert not changes(before, take_snapshot(tree))
    times = (tree / "lib/ünï").stat()
    (tree / "lib/ünï").write_text("y")
    os.utime(tree / "lib/ünï", ns=(times.st_atime_ns, times.st_mtime_ns))
    (tree / "bin/python").unlink()
    (tree / "bin/python").symlink_to("elsewhere")
    (tree / "empty/new").write_text("")
    (tree / "lib/second-name").unlink()
    (tree / "lib/__pycache__/other.pyc").write_text("")
    found = changes(before, take_snapshot(tree))
    # The second name was the same file, so that its first one has changed with it.
    assert found.written == ("bin/python", "empty/new", "lib/big", "lib/ünï")
    assert found.removed == ("lib/second-name",)


def test_a_digest_is_of_content_and_not_of_time_or_place(tree: Path, tmp_path: Path) -> None:
    """Equal trees have equal digests; of .git, only what says which commit it is counts."""
    (tree / ".git").mkdir()
    (tree / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (tree / ".git/index").write_text("differs from clone to clone")
    first = digest_content(tree, take_snapshot(tree))
    (tree / ".git/index").write_text("another")
    os.utime(tree / "bin/run", (1, 1))
    tree.rename(tmp_path / "moved")
    moved = tmp_path / "moved"
    assert digest_content(moved, take_snapshot(moved)) == first
    (moved / ".git/HEAD").write_text("ref: refs/heads/other\n")
    second = digest_content(moved, take_snapshot(moved))
    (moved / "bin/run").chmod(0o644)
    third = digest_content(moved, take_snapshot(moved))
    assert len({first, second, third}) == 3


def test_entries_come_with_all_their_directories(tree: Path, tmp_path: Path) -> None:
    """A file deep in a tree is put back into an empty directory: each directory above it is stored before it."""
    assert with_folders(["a/b/c/d.py", "a/b/e.py", "f.py", "a/b"]) == [
        "a",
        "a/b",
        "a/b/c",
        "a/b/c/d.py",
        "a/b/e.py",
        "f.py",
    ]
    deep = tree / "lib/python/site-packages/deep"
    deep.mkdir(parents=True)
    (deep / "module.py").write_text("deep")
    archive = CachedFile(tmp_path / "entries")
    store_entries(tree, with_folders({"lib/python/site-packages/deep/module.py"}), archive)
    target = tmp_path / "target"
    target.mkdir()
    assert restore_tree(archive, target) == Restored(1)
    assert (target / "lib/python/site-packages/deep/module.py").read_text() == "deep"
