"""Temporary directories on the file system of their result, so that files can be linked and moved, not copied."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnb.files import FileNotWritten
from cnb.trees import remove
from python_buildpack.support.stopping import DeferredStop


@contextmanager
def temporary_directory(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a new directory in ``parent``, which is removed after the block with its content, unless it was moved.

    ``parent`` is made if it does not exist. It may be the layers directory: the lifecycle ignores directories without a
    .toml file there. Raises OSError if the directory cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with DeferredStop() as stop:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            with stop.allowed():
                yield path
        finally:
            with suppress(OSError, FileNotWritten):
                remove(path)
