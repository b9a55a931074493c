"""Makes and removes directories, whatever modes their content has."""

import os
import shutil
from pathlib import Path

from cnb.files import EXECUTABLE, explaining


def make_directory(path: Path) -> None:
    """Make sure that there is a directory which everyone may read. Raises FileNotWritten."""
    with explaining(path):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(EXECUTABLE)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole directory, if it is there. Raises FileNotWritten."""
    with explaining(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        try:
            shutil.rmtree(path)
        except PermissionError:
            _unlock(path)
            shutil.rmtree(path)


def _unlock(path: Path) -> None:
    """Let the owner write in every directory below: some tools mark what they install as read-only."""
    path.chmod(EXECUTABLE)
    for folder, names, _ in os.walk(path):
        for name in names:
            below = Path(folder, name)
            # The target of a link may lie outside the layer.
            if not below.is_symlink():
                below.chmod(EXECUTABLE)


def is_filled(path: Path) -> bool:
    """Say whether ``path`` is a directory with something in it."""
    try:
        with os.scandir(path) as entries:
            return any(True for _ in entries)
    except OSError:
        return False
