"""Opens Zstandard files with the standard library of Python 3.14 or newer, or else with its backport."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast


def open_to_read(file: Path | IO[bytes]) -> IO[bytes]:
    """Return a stream of the decompressed content of a file."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - not needed by most builds
    else:
        from backports import zstd  # noqa: PLC0415
    return cast("IO[bytes]", zstd.ZstdFile(file, "rb"))


class Writable(Protocol):
    """What a compressed file can be written to."""

    def write(self, data: bytes, /) -> int:
        """Write the bytes, and return how many."""


def open_to_write(file: Path | Writable, level: int, workers: int = 0) -> IO[bytes]:
    """Return a stream that writes a compressed file with a checksum.

    The compressed bytes are the same for any number of workers but 0.
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
    return cast("IO[bytes]", zstd.ZstdFile(cast("Path | BinaryIO", file), "wb", options=options))
