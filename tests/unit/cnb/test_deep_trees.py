"""Trees that are deeper than Python lets functions call each other, and than a path may be long."""

import os
from pathlib import Path

import pytest

from cnb.trees import remove
from python_buildpack.app.project import scan
from python_buildpack.app.snapshot import take_snapshot

DEPTH = 1500


@pytest.mark.parametrize("name", ["d", "long-name"])
def test_a_tree_of_any_depth_is_read_and_removed(name: str, tmp_path: Path) -> None:
    """What is beside it is read whole; and nothing is left of it, also where its parts may not be written."""
    root = tmp_path / "app"
    root.mkdir()
    (root / "main.py").touch()
    before = Path.cwd()
    os.chdir(root)
    try:
        for _ in range(DEPTH):
            Path(name).mkdir()
            os.chdir(name)
        Path("file").touch()
    finally:
        os.chdir(before)
    assert "main.py" in scan(root).files
    snapshot = take_snapshot(root)
    assert "main.py" in snapshot
    assert len(snapshot) > 300
    remove(root)
    assert list(tmp_path.iterdir()) == []
