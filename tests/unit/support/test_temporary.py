"""Temporary directories, in processes that are stopped for real."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from python_buildpack.support.temporary import temporary_directory
from random_stops import stopped


def test_is_there_for_the_block_only(tmp_path: Path) -> None:
    """Below its parent, named after its purpose; gone with all that is in it, whatever ended the block."""

    def use() -> None:
        with temporary_directory(tmp_path, "purpose-") as path:
            assert list(tmp_path.iterdir()) == [path]
            assert path.name.startswith("purpose-")
            (path / "folder").mkdir()
            raise LookupError

    with pytest.raises(LookupError):
        use()
    assert list(tmp_path.iterdir()) == []


def test_may_be_moved_away(tmp_path: Path) -> None:
    """What was moved stays where it is."""
    with temporary_directory(tmp_path, ".new-") as path:
        (path / "file").touch()
        path.rename(tmp_path / "final")
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "final", tmp_path / "final" / "file"]


def test_a_stop_during_the_removal_waits_for_its_end(tmp_path: Path) -> None:
    """A large directory that is half gone when SIGTERM comes goes whole, and the status is that of the stop."""
    script = """
        import signal, sys
        from pathlib import Path
        from python_buildpack.support.temporary import temporary_directory

        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        with temporary_directory(Path(sys.argv[1]), "large-") as path:
            for folder in map(str, range(20)):
                (path / folder).mkdir()
                for name in map(str, range(100)):
                    (path / folder / name).touch()
            print(path, flush=True)
        print("went on")
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), tmp_path], stdout=subprocess.PIPE, text=True, env=environment
    ) as program:
        assert program.stdout is not None
        large = Path(program.stdout.readline().strip())
        while len(os.listdir(large)) > 18:  # noqa: PTH208 - quicker than the removal
            pass
        program.terminate()

        assert (program.wait(30), program.stdout.read()) == (143, "")
    assert list(tmp_path.iterdir()) == []


def test_a_stop_at_any_moment_leaves_nothing(tmp_path: Path) -> None:
    """Also between the making and the use, and between the use and the removal."""

    def use() -> None:
        with temporary_directory(tmp_path, "scratch-") as path:
            (path / "file").touch()

    for number in stopped(use, use, 400):
        assert list(tmp_path.iterdir()) == [], number
