"""What was made in a directory is known, also when a program has removed it again."""

import shutil
from pathlib import Path

from python_buildpack.support.created import watching_names


def test_a_name_that_is_removed_again_was_seen(tmp_path: Path) -> None:
    """As well as one that was moved here, but nothing from before or from below."""
    (tmp_path / "before").mkdir()
    with watching_names(tmp_path) as made:
        assert made() == frozenset()
        (tmp_path / "builds-v0").mkdir()
        (tmp_path / "builds-v0" / "below").touch()
        shutil.rmtree(tmp_path / "builds-v0")
        (tmp_path / "before").rename(tmp_path / "moved")
        assert made() == frozenset({"builds-v0", "moved"})


def test_nothing_is_known_of_a_directory_that_was_moved_or_removed(tmp_path: Path) -> None:
    """A program could make another one in its place."""
    for number, end in enumerate((shutil.rmtree, lambda path: path.rename(path.with_name("away")))):
        folder = tmp_path / str(number)
        folder.mkdir()
        with watching_names(folder) as made:
            end(folder)  # type: ignore[operator]
            folder.mkdir()
            assert made() is None


def test_nothing_is_seen_of_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """As on a system without inotify."""
    with watching_names(tmp_path / "absent") as made:
        assert made() == frozenset()
