"""Digests of files, each computed once in a build: several parts of it ask for those of the same installed files.

A file counts as the same if device, inode, size and both of its times are: no program can set its ctime. A file that
was changed a moment ago is read each time, for a second change may leave the same times.
"""

import errno
import hashlib
import os
import stat
import time

_SETTLED = 100_000_000
"""Nanoseconds: file systems have times in steps of some milliseconds."""
_known: dict[tuple[int, int, int, int, int], bytes] = {}


def sha256_of(path: str) -> bytes:
    """Return the sha256 of a regular file's content. Raises OSError, also for what is no file."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a file", path)
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        found = _known.get(key)
        if found is None:
            found = hashlib.file_digest(file, "sha256").digest()
            if time.time_ns() - max(key[3:]) > _SETTLED:
                _known[key] = found
        return found
