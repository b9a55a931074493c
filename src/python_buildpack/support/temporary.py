"""Temporary directories beside what is made of them: on one file system, files are linked and moved, not copied."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_buildpack.support.stopping import DeferredStop


@contextmanager
def temporary_directory(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a new directory, which is gone afterwards, whatever is in it, unless it was moved.

    ``parent`` is made if need be. The lifecycle ignores a directory of the layers without a .toml. Raises OSError if it
    cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with DeferredStop() as stop:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            with stop.allowed():
                yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
