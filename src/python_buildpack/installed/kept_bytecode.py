"""Keeps the bytecode of packages for later builds: most of a changed build would be compiling what has not changed.

Bytecode is used again only for a package whose sources all have, byte for byte, the content that they had then. It
depends on nothing but these and the interpreter (see bytecode.py), so a build with it gives what a clean one gives.
The archive has the packages of the last environment only, so it does not grow.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.file_digests import sha256_of
from python_buildpack.support.stored_tree import Restored, restore_tree, store_entries

_MODE = 0o666
"""What bytecode has of the mode of its source."""


@frozen
class _Group:
    """A package or module whose bytecode is in the archive."""

    sources: str
    """The digest of its sources."""
    made: tuple[str, ...]
    """The paths of its bytecode, relative to the root."""


@frozen
class KeptBytecode:
    """The bytecode of one environment. Both files are made for one interpreter: their names have to say which."""

    archive: CachedFile
    index: CachedFile
    """What is in the archive, as JSON."""

    def put_back(self, root: Path, groups: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """Restore the bytecode of the ``groups`` below ``root`` that are unchanged; return the others. Raises DiskFull.

        The groups are given by name with the paths of their sources.
        """
        known = self._known()
        unchanged = {
            name: known[name]
            for name, paths in groups.items()
            if name in known and known[name].sources == _digest(root, paths)
        }
        wanted = _with_folders(path for group in unchanged.values() for path in group.made)
        if not wanted or not isinstance(restore_tree(self.archive, root, wanted.__contains__), Restored):
            return dict(groups)
        return {name: paths for name, paths in groups.items() if name not in unchanged}

    def store(self, root: Path, groups: Mapping[str, Sequence[str]], made: Mapping[str, Sequence[str]]) -> None:
        """Keep the bytecode of all ``groups``: what was ``made`` now, by group, and what was put back.

        Raises DiskFull.
        """
        before = self._known()
        now = {
            name: _Group(_digest(root, paths), tuple(path.removeprefix(f"{root}/") for path in made[name]))
            if name in made
            else before[name]
            for name, paths in groups.items()
            if name
        }
        if now == before:
            return
        store_entries(root, sorted(_with_folders(path for group in now.values() for path in group.made)), self.archive)
        document = {name: {"sources": group.sources, "made": group.made} for name, group in now.items()}
        self.index.write(json.dumps(document, indent=1).encode(errors="surrogateescape"))

    def _known(self) -> dict[str, _Group]:
        """Return what the archive has; nothing if there is none, or not what was written."""
        text = self.index.read() if self.archive.exists() else None
        if text is None:
            return {}
        document = json.loads(text)
        return {name: _Group(group["sources"], tuple(group["made"])) for name, group in document.items()}


def _with_folders(paths: Iterable[str]) -> frozenset[str]:
    """Return the paths with those of their directories, which exist wherever there is a source but for the last one."""
    several = tuple(paths)
    return frozenset(several) | {os.path.dirname(path) for path in several}  # noqa: PTH120 - hundreds of paths


def _digest(root: Path, paths: Iterable[str]) -> str:
    """Return a digest of the sources: their paths below ``root``, modes and content."""
    digest = hashlib.sha256()
    for path in paths:
        mode = os.stat(path).st_mode & _MODE  # noqa: PTH116 - hundreds of files
        digest.update(f"{path.removeprefix(f'{root}/')}\0{mode:o}\0".encode(errors="surrogateescape"))
        digest.update(sha256_of(path))
    return digest.hexdigest()
