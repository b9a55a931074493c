"""The digest of a file, which is computed once and never out of date."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from python_buildpack.support.file_digests import sha256_of


def test_a_changed_file_has_another_digest(tmp_path: Path) -> None:
    """Also if it has the same size and time as before, at once or later; and one in its place."""
    file = tmp_path / "file"
    for wait in (0.0, 0.2):
        file.write_bytes(b"one")
        time.sleep(wait)
        times = file.stat()
        assert sha256_of(str(file)) == sha256_of(str(file)) == hashlib.sha256(b"one").digest()
        file.write_bytes(b"two")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert sha256_of(str(file)) == hashlib.sha256(b"two").digest()


def test_what_is_no_file_has_no_digest(tmp_path: Path) -> None:
    """A pipe is not waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing"):
        with pytest.raises(OSError, match="Errno"):
            sha256_of(str(path))
