"""The archives' bytes, names, and the directory that keeps them."""

import os
import tarfile
from pathlib import Path

from devkit.inventory.builds import Build
from devkit.inventory.document import read_inventory
from devkit.mirror.archive import archive_name, read_sha256, write_archive
from devkit.mirror.store import Record, locked, read_record, remove_other_builds, write_inventory, write_record


def make_tree(tree: Path, names: list[str], mtime: int) -> Path:
    for name in names:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
        os.utime(path, (mtime, mtime))
    (tree / "bin" / "python").symlink_to("python3.12")
    (tree / "bin" / "python3.12").chmod(0o775)
    (tree / "empty").mkdir()
    return tree


def keep(directory: Path, version: str, build: str, variant: str = "default") -> Path:
    """Put an archive with its record into a mirror."""
    archive = directory / archive_name(version, build, "x86_64", variant)
    archive.write_text(version, encoding="utf-8")
    row = Build(version, build, "linux", "amd64", "gnu", variant, archive.name, read_sha256(archive))
    write_record(archive, Record(fingerprint="1", libraries=(), row=row))
    return archive


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    """Neither times, nor the order of creation, nor the place where it was packed are seen in an archive."""
    names = ["bin/python3.12", "lib/a", "lib/b"]
    digests = {
        write_archive(make_tree(tmp_path / f"{mtime}" / "python", order, mtime), tmp_path / f"{mtime}.tar.gz")
        for mtime, order in ((1, names), (2_000_000_000, names[::-1]))
    }
    assert digests == {read_sha256(tmp_path / "1.tar.gz")}


def test_archives_are_shaped_like_upstream_s(tmp_path: Path) -> None:
    """Files and links below python/ without entries for directories, owned by nobody in particular."""
    write_archive(make_tree(tmp_path / "tree", ["bin/python3.12", "lib/a"], 1), tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        members = [(member.name, oct(member.mode), member.linkname, member.uid) for member in archive]
    assert members == [
        ("python/bin/python", "0o777", "python3.12", 0),
        ("python/bin/python3.12", "0o755", "", 0),
        ("python/lib/a", "0o644", "", 0),
    ]


def test_names_are_upstream_s() -> None:
    """The buildpack reads the flavour from the name, as users do."""
    default = "cpython-3.12.4+19800101-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"
    freethreaded = "cpython-3.13.1+19800101-aarch64-unknown-linux-gnu-freethreaded-install_only_stripped.tar.gz"
    assert archive_name("3.12.4", "19800101", "x86_64", "default") == default
    assert archive_name("3.13.1", "19800101", "aarch64", "freethreaded") == freethreaded


def test_only_an_unharmed_archive_counts_as_there(tmp_path: Path) -> None:
    """A truncated archive, a damaged record or a missing one lead to a new archive, not to a failed build later."""
    archive = keep(tmp_path, "3.12.4", "19800101")
    assert read_record(archive) is not None
    archive.write_text("3.12", encoding="utf-8")
    assert read_record(archive) is None
    archive = keep(tmp_path, "3.12.5", "19800101")
    archive.with_name(f"{archive.name}.source.json").write_text("{", encoding="utf-8")
    assert read_record(archive) is None
    assert read_record(tmp_path / "nothing") is None


def test_the_inventory_lists_every_archive_that_is_there(tmp_path: Path) -> None:
    """Newest first, URLs relative to it, its default the newest minor that has a GIL; of two builds the newer."""
    keep(tmp_path, "3.9.18", "19800101")
    keep(tmp_path, "3.12.4", "19800101")
    keep(tmp_path, "3.12.4", "20241219")
    keep(tmp_path, "3.13.0", "19800101", "freethreaded")
    keep(tmp_path, "3.11.7", "19800101").unlink()
    default, builds = read_inventory(write_inventory(tmp_path))
    assert [(build.version, build.build) for build in builds] == [
        ("3.13.0", "19800101"), ("3.12.4", "20241219"), ("3.9.18", "19800101"),
    ]  # fmt: skip
    assert default == "3.12"
    assert all((tmp_path / build.url).is_file() for build in builds)


def test_a_new_recipe_replaces_its_own_archives_only(tmp_path: Path) -> None:
    """What an older revision of ours made goes; upstream's build and other versions stay."""
    old, upstream = keep(tmp_path, "3.12.4", "19800101"), keep(tmp_path, "3.12.4", "20241219")
    other, new = keep(tmp_path, "3.12.3", "19800101"), keep(tmp_path, "3.12.4", "19800102")
    record = read_record(new)
    assert record is not None
    remove_other_builds(new, record.row)
    assert [path.exists() for path in (old, upstream, other, new)] == [False, True, True, True]
    assert not old.with_name(f"{old.name}.source.json").exists()


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    """Whoever has the lock is the only one who may have a stage."""
    (tmp_path / "mirror" / ".stage-left" / "python").mkdir(parents=True)
    with locked(tmp_path / "mirror"):
        assert [path.name for path in (tmp_path / "mirror").iterdir()] == [".lock"]
