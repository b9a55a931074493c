"""Zstandard files: of the standard library from Python 3.14 on, and of its backport before. Imported when needed."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast


def open_to_read(file: Path | IO[bytes]) -> IO[bytes]:
    """Return what a compressed file holds, as a stream."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - not needed by most builds
    else:
        from backports import zstd  # noqa: PLC0415
    return cast("IO[bytes]", zstd.ZstdFile(file, "rb"))


def open_to_write(path: Path, level: int, workers: int = 0) -> IO[bytes]:
    """Return a stream that writes a compressed file, with a checksum.

    The bytes are the same for one number of workers and for another, but not for none.
    """
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415
    else:
        from backports import zstd  # noqa: PLC0415
    parameter = zstd.CompressionParameter
    options: Mapping[int, int] = {
        parameter.compression_level: level,
        parameter.checksum_flag: 1,
        parameter.nb_workers: workers,
    }
    return cast("IO[bytes]", zstd.ZstdFile(path, "wb", options=options))
