"""Bytecode that a mirror's archive brings along is taken only if a build would make the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.interpreters.shipped_bytecode import MARK, mark_shipped, take_shipped

PLACE = "_sysconfigdata__linux_x.py"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return a standard library with bytecode, marked as a mirror does it."""
    files = {"os.py": "import sys\n", "email/x.py": "1\n", PLACE: "a = '/install'\n", "__pycache__/os.pyc": "of os"}
    write_app(tmp_path, {**files, "email/__pycache__/x.pyc": "of x", "test/test_os.py": "1\n"})
    mark_shipped(tmp_path)
    return tmp_path


def caches(library: Path) -> set[str]:
    return {path.relative_to(library).as_posix() for path in library.rglob("*.pyc")}


def test_it_is_taken_for_the_sources_that_it_was_made_of(library: Path) -> None:
    """What names the place of the interpreter, and what is not compiled, may be another. The mark does not stay."""
    write_app(library, {PLACE: "a = '/layers'\n", "__pycache__/_sysconfigdata__linux_x.cpython-313.pyc": "of install"})
    (library / "test/test_os.py").unlink()
    assert take_shipped(library)
    assert caches(library) == {"__pycache__/os.pyc", "email/__pycache__/x.pyc"}
    assert not (library / MARK).exists()
    assert not take_shipped(library), "without a mark, nobody knows of what it was made"


CHANGES: dict[str, Callable[[Path], object]] = {
    "another source": lambda library: write_app(library, {"os.py": "import re\n"}),
    "a new source": lambda library: write_app(library, {"re.py": ""}),
    "one source less": lambda library: (library / "email/x.py").unlink(),
    "no mark": lambda library: (library / MARK).unlink(),
    "another compiler": lambda library: (library / MARK).write_text("0" * 64, encoding="ascii"),
    "a strange mark": lambda library: (library / MARK).write_bytes(b"\xff\n" * 70_000),
}


@pytest.mark.parametrize("change", CHANGES)
def test_all_of_it_is_removed_if_it_is_of_anything_else(change: str, library: Path) -> None:
    """Then a build compiles all of it, as it does for upstream's archives."""
    CHANGES[change](library)
    assert not take_shipped(library)
    assert caches(library) == set()
    assert not (library / MARK).exists()
