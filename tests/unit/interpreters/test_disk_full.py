"""A full disk is called a full disk, wherever it strikes: here a limit on the size of files plays its part."""

import errno
import hashlib
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnb.files import DiskFull, explained_when_full, shows_full_disk
from interpreter_archives import WriteArchive, file
from python_buildpack.interpreters.archive import unpack
from python_buildpack.interpreters.kept import KeptInterpreter
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.ports.interfaces import Download
from python_buildpack.support.cached_files import CachedFile

LIMIT = 1_000_000


@pytest.fixture
def _small_files() -> Iterator[None]:
    """Let no file of this process grow above the limit, as a disk without space would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_while_downloading(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The half of a file that still fitted is removed: it takes the space that is missing."""
    source = tmp_path / "source"
    source.write_bytes(bytes(3 * LIMIT))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    request.getfixturevalue("_small_files")
    there = tmp_path / "there"

    with pytest.raises(DiskFull, match=str(there)):
        HttpFetcher().fetch(Download((source.as_uri(),), digest), there / "file")

    assert list(there.iterdir()) == []


def test_while_unpacking(tmp_path: Path, write_archive: WriteArchive, request: pytest.FixtureRequest) -> None:
    """An interpreter that does not fit on the disk is not called a damaged archive."""
    archive = write_archive(file("python/bin/python3.13", bytes(3 * LIMIT)))
    request.getfixturevalue("_small_files")

    with pytest.raises(DiskFull):
        unpack(archive, tmp_path / "out")


def test_while_keeping_an_interpreter(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The file with the standard library does not fit: nothing is kept, and nothing is left beside the interpreter."""
    library = tmp_path / "python" / "lib" / "python3.13"
    (library / "__pycache__").mkdir(parents=True)
    (library / "__pycache__" / "large.cpython-313.pyc").write_bytes(bytes(3 * LIMIT))
    executable = tmp_path / "python" / "bin" / "python3.13"
    executable.parent.mkdir()
    executable.symlink_to(sys.executable)
    digests: dict[str, str] = {}
    kept = KeptInterpreter(CachedFile(tmp_path / "part", digests), CachedFile(tmp_path / "rest", digests), "python3.13")
    request.getfixturevalue("_small_files")

    with pytest.raises(DiskFull):
        kept.store(tmp_path / "python", SubprocessRunner())

    assert not kept.exists()
    assert [path.name for path in library.parent.iterdir()] == ["python3.13"]


def test_in_the_output_of_a_tool() -> None:
    """Tools say it in their own output; other failures of theirs are not taken for it."""
    assert shows_full_disk("error: failed to write: No space left on device (os error 28)")
    assert not shows_full_disk("error: no such file")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_every_way_of_saying_it(tmp_path: Path, number: int) -> None:
    """No space, no quota and a limit on files are one thing to the user."""
    with pytest.raises(DiskFull), explained_when_full(tmp_path):
        raise OSError(number, "whatever")


def test_other_failures_pass(tmp_path: Path) -> None:
    """What is not a full disk is not called one."""
    with pytest.raises(PermissionError), explained_when_full(tmp_path):
        raise PermissionError(errno.EACCES, "denied")
