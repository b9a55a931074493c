"""Places in a uv.lock: the app's own projects, and indexes that are directories of it.

The lock may fit only the directory in which it was written, although all that it names is in the app: for a package
that ``[tool.uv.sources]`` pins to an index which is a directory of the project, uv writes the absolute address of that
directory. ``uv sync --locked`` then refuses the lock wherever else the project is, as in every build.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from python_buildpack.app.documents import pyproject_table
from python_buildpack.app.project import Project

LOCK = "uv.lock"
# uv writes each source as one line. Parsing a whole lock for them would take a sixth of an unchanged build.
_LOCAL = re.compile(r'^source *= *\{ *(editable|virtual|directory) *= *"([^"\\]+)"', re.MULTILINE)


def local_sources(project: Project) -> Iterator[tuple[str, str]]:
    """Yield the kind (editable, virtual, directory) and the path of each project that the lock has from a directory."""
    text = project.text(LOCK) if LOCK in project.files else None
    yield from _LOCAL.findall(text or "")


def with_own_places(lock: str, project: Project) -> str:
    """Return the text of a lock, with the addresses of the project's own directories as they are in this build.

    Only the directories that ``[[tool.uv.index]]`` names, relative to the project, are looked for.
    """
    indexes = pyproject_table(project, "tool", "uv").get("index")
    for index in indexes if isinstance(indexes, list) else ():
        url = index.get("url") if isinstance(index, dict) else None
        if not isinstance(url, str) or "://" in url or url.startswith("/") or ".." in PurePosixPath(url).parts:
            continue
        place = str(PurePosixPath(url))
        here = (project.root / place).absolute().as_uri()
        written = re.compile(rf'(?<=\bindex = ")file:///(?:[^"\n]*/)?{re.escape(place)}/?(?=")')
        lock = written.sub(here, lock)
    return lock


@contextmanager
def lock_of_this_place(project: Project) -> Iterator[None]:
    """Let uv.lock have the addresses of this build within the block. After it, the file is as it was uploaded."""
    file = project.root / LOCK
    text = project.text(LOCK) or ""
    changed = with_own_places(text, project)
    if changed == text or not os.access(file, os.W_OK):
        yield
        return
    before, status = file.read_bytes(), file.stat()
    _write(file, changed.encode())
    try:
        yield
    finally:
        _write(file, before)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _write(file: Path, content: bytes) -> None:
    """Replace the content and keep the file itself, with its owner and mode."""
    with file.open("r+b") as stream:
        stream.write(content)
        stream.truncate()
