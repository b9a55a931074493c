"""Makes and removes directories, even with read-only content."""

import os
import shutil
from pathlib import Path

from cnb.files import EXECUTABLE, explaining


def make_directory(path: Path) -> None:
    """Make the directory and its parents, if absent; everyone may read it. Raises FileNotWritten."""
    with explaining(path):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(EXECUTABLE)


def remove(path: Path) -> None:
    """Remove a file, a link or a directory with its content, if it exists. Raises FileNotWritten."""
    with explaining(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        try:
            shutil.rmtree(path)
        except PermissionError:
            _unlock(path)
            shutil.rmtree(path)
        except RecursionError:
            _remove_deep(path)


def _remove_deep(path: Path) -> None:
    """Remove a tree of any depth: what is in a directory is moved up before the directory is removed."""
    number = 0
    while entries := list(os.scandir(path)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            Path(entry.path).chmod(EXECUTABLE)
            for below in list(os.scandir(entry.path)):
                while os.path.lexists(path / f"{number}.removed"):
                    number += 1
                Path(below.path).rename(path / f"{number}.removed")
            Path(entry.path).rmdir()
    path.rmdir()


def _unlock(path: Path) -> None:
    """Let the owner write in every directory of the tree: some tools make what they install read-only."""
    path.chmod(EXECUTABLE)
    for folder, names, _ in os.walk(path):
        for name in names:
            below = Path(folder, name)
            # The target of a link may lie outside the layer.
            if not below.is_symlink():
                below.chmod(EXECUTABLE)


def is_filled(path: Path) -> bool:
    """Return whether ``path`` is a directory that is not empty."""
    try:
        with os.scandir(path) as entries:
            return any(True for _ in entries)
    except OSError:
        return False
