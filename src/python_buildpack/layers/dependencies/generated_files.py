"""What build backends generate in what was uploaded: version files, extension modules, data of packages.

The files stay there (in the app's directory, package_managers/source_guard.py removes all else). A build that reuses
its packages puts them back from the cache, unless the upload has something else now where they were written.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.layers.cache import Cache
from python_buildpack.support.digests import digest
from python_buildpack.support.stored_tree import Restored, restore_tree, store_entries, with_folders

GENERATED = "generated"
"""Key of the layer metadata that lists them: what the upload had there, and the path in the app's directory."""
_ABSENT = "-"
_TOO_MANY = "*"
"""Stands for a list that is too long: the metadata of layers is in a label of the image, and platforms limit those."""
_LONGEST = 256 << 10
"""The characters of such a list: some thousands of files."""
_NOT_SOURCE = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__"})
_LARGE = 1 << 24
"""Bytes from which a file is not read: models and other data, of which size and time say enough."""


@frozen
class Seen:
    """One file of the app's directory."""

    state: str
    """A digest of the content."""
    changed: tuple[int, int, int]
    """Time, size and number of the file: if they are the same, it need not be read again."""


@frozen
class GeneratedFiles:
    """The files that an installation generates in what was uploaded."""

    app: Path
    """The directory of the upload: the app's, or one above it."""
    cache: Cache
    aside: Path
    """A directory for the uploaded files in whose place generated ones are put back; made when needed."""

    def look(self, before: Mapping[str, Seen] | None = None) -> Mapping[str, Seen]:
        """Return all files that exist now, by their paths. What is as it was in ``before`` is not read again."""
        return {path: self._see(path, (before or {}).get(path)) for path in self._paths()}

    def is_rewritten(self, before: Mapping[str, Seen], folder: Path, path: str) -> bool:
        """Say whether a file, by its path in a folder of the upload, has other content than at the time of ``before``.

        False for a file that was not looked at.
        """
        place = os.path.relpath(folder / path, self.app)
        return place in before and before[place].state != self._state(place)

    def remove_new(self, before: Mapping[str, Seen]) -> None:
        """Remove the files that were not there at the time of ``before``, and directories that are empty then."""
        for path in [path for path in self._paths() if path not in before]:
            (self.app / path).unlink()
            for folder in Path(path).parents[:-1]:
                try:
                    (self.app / folder).rmdir()
                except OSError:  # something else is in it
                    break

    def is_kept(self, metadata: Mapping[str, str], identity: str) -> bool:
        """Put back what was generated with this environment; say whether all of it is there.

        False, with nothing changed, if the upload has other content in one of the places than it had then, or if there
        were too many files to list.
        """
        if metadata.get(GENERATED) == _TOO_MANY:
            return False
        listed = _parse(metadata)
        if not listed:
            return True
        if any(self._state(path) != state for path, state in listed.items()):
            return False
        for path in (path for path, state in listed.items() if state != _ABSENT):
            (self.aside / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.app / path, self.aside / path, follow_symlinks=False)
        return isinstance(restore_tree(self.cache.file(_file_name(identity)), self.app), Restored)

    def withdraw(self, metadata: Mapping[str, str]) -> None:
        """Undo what ``is_kept`` put back, so that the app's directory is as it was uploaded."""
        for path in _parse(metadata):
            (self.app / path).unlink(missing_ok=True)
            if os.path.lexists(self.aside / path):
                shutil.copy2(self.aside / path, self.app / path, follow_symlinks=False)

    def keep(self, metadata: Mapping[str, str], identity: str) -> None:
        """Store in the cache what was generated with this environment. Raises DiskFull."""
        listed = _parse(metadata)
        if not listed:
            return
        archive = self.cache.keep(_file_name(identity))
        if not archive.exists():
            store_entries(self.app, with_folders(listed), archive)

    def _paths(self) -> Iterator[str]:
        for folder, directories, files in os.walk(self.app):
            directories[:] = sorted(set(directories) - _NOT_SOURCE)
            yield from (os.path.relpath(f"{folder}/{name}", self.app) for name in files)

    def _see(self, path: str, before: Seen | None) -> Seen:
        found = (self.app / path).lstat()
        changed = (found.st_mtime_ns, found.st_size, found.st_ino)
        return before if before is not None and before.changed == changed else Seen(self._state(path), changed)

    def _state(self, path: str) -> str:
        """Return a word that differs if the content does."""
        file = self.app / path
        if file.is_symlink():
            return f"link-{digest(str(file.readlink()))}"
        if not file.exists():
            return _ABSENT
        found = file.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size >= _LARGE:
            return f"{found.st_size}-bytes"
        return hashlib.sha256(_read(file)).hexdigest()


def generated_metadata(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> dict[str, str]:
    """Return the layer metadata about the files that an installation wrote into the app's directory.

    ``before`` and ``after`` are results of ``GeneratedFiles.look``. Empty if nothing was written. A file that
    replaces an uploaded one counts, if its content is another. Of a list that is too long, only that it is.
    """
    written = (path for path, seen in after.items() if path not in before or before[path].state != seen.state)
    written = (path for path in written if "\n" not in path)
    states = {path: before[path].state if path in before else _ABSENT for path in sorted(written)}
    listed = "\n".join(f"{state} {path}" for path, state in states.items())
    return {GENERATED: listed if len(listed) <= _LONGEST else _TOO_MANY} if states else {}


def _parse(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return what the upload had in place of each generated file, by its path."""
    lines = (line.partition(" ") for line in metadata.get(GENERATED, "").split("\n") if line not in {"", _TOO_MANY})
    return {path: state for state, _, path in lines}


def _read(file: Path) -> bytes:
    """Return the content, if possible without a change of the file's access time, which may be looked at.

    Empty if nobody may read it: then no backend has written it.
    """
    try:
        return _read_with(file, os.O_RDONLY | os.O_NOATIME)
    except PermissionError:  # only the owner may leave the time as it is
        pass
    try:
        return _read_with(file, os.O_RDONLY)
    except PermissionError:
        return b""


def _read_with(file: Path, flags: int) -> bytes:
    with os.fdopen(os.open(file, flags), "rb") as stream:
        return stream.read()


def _file_name(identity: str) -> str:
    return f"generated-{identity[:16]}.tar.zst"
