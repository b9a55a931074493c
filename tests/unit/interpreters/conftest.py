"""What the tests of interpreters work on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from interpreter_archives import Entry, RealInterpreter, WriteArchive, newest_real_interpreter, write_tar_gz


@pytest.fixture(scope="session")
def real() -> RealInterpreter:
    return newest_real_interpreter()


@pytest.fixture
def write_archive(tmp_path: Path) -> WriteArchive:
    def write(*entries: Entry, name: str = "made.tar.gz") -> Path:
        return write_tar_gz(tmp_path / name, entries)

    return write


@pytest.fixture
def _strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)
