"""Keeps the bytecode of packages for later builds: most of a changed build would be compiling what has not changed.

Bytecode is used again only for a package whose sources all have, byte for byte, the content that they had then. It
depends on nothing but these and the interpreter (see bytecode.py), so a build with it gives what a clean one gives.
The archive, of two files (support/growing_file.py), has little more than the packages of the last environment, so it
does not grow.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.file_digests import sha256_of
from python_buildpack.support.growing_file import GrowingFile, decide_parts
from python_buildpack.support.stored_tree import Restored, restore_tree, store_entries

_MODE = 0o666
"""What bytecode has of the mode of its source."""


@frozen
class _Group:
    """A package or module whose bytecode is kept."""

    sources: str
    """The digest of its sources."""
    made: tuple[str, ...]
    """The paths of its bytecode, relative to the root."""
    size: int
    """The bytes of its bytecode."""


_Groups = Mapping[str, _Group]


@frozen
class KeptBytecode:
    """The bytecode of one environment. All files are made for one interpreter: their names have to say which."""

    archive: GrowingFile
    index: CachedFile
    """What is in the two files of the archive, as JSON, with the digest of each."""

    def put_back(self, root: Path, groups: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """Restore the bytecode of the ``groups`` below ``root`` that are unchanged; return the others. Raises DiskFull.

        The groups are given by name with the paths of their sources.
        """
        left, known = dict(groups), self._known()
        digests = {name: _digest(root, paths) for name, paths in groups.items() if any(name in part for part in known)}
        for archive, part in zip(self._files, known, strict=True):
            unchanged = {name: part[name] for name in left if name in part and part[name].sources == digests[name]}
            wanted = _with_folders(path for group in unchanged.values() for path in group.made)
            if wanted and isinstance(restore_tree(archive, root, wanted.__contains__), Restored):
                left = {name: paths for name, paths in left.items() if name not in unchanged}
        return left

    def store(self, root: Path, groups: Mapping[str, Sequence[str]], made: Mapping[str, Sequence[str]]) -> None:
        """Keep the bytecode of all ``groups``: what was ``made`` now, by group, and what was put back.

        Raises DiskFull.
        """
        base, added = self._known()
        now: dict[str, _Group] = {}
        for name, paths in groups.items():
            sources = _digest(root, paths) if name else ""
            kept = next((part[name] for part in (base, added) if name in part and part[name].sources == sources), None)
            if name in made and name:
                now[name] = _group(root, sources, made[name])
            elif name and kept is not None:
                now[name] = kept
        parts = decide_parts(_sizes(now), _sizes(base))
        if parts.base is not None or parts.added != _sizes(added).keys():
            first = base if parts.base is None else _chosen(now, parts.base)
            if parts.base is not None:
                _store(root, first, self.archive.base)
            second = _chosen(now, parts.added)
            _store(root, second, self.archive.added)
            self._describe(first, second)

    @property
    def _files(self) -> tuple[CachedFile, CachedFile]:
        return self.archive.base, self.archive.added

    def _describe(self, *parts: _Groups) -> None:
        document = {
            file.digests[file.path.name]: {name: _plain(group) for name, group in part.items()}
            for file, part in zip(self._files, parts, strict=True)
            if part
        }
        self.index.write(json.dumps(document, indent=1).encode(errors="surrogateescape"))

    def _known(self) -> tuple[_Groups, _Groups]:
        """Return what each file has; nothing for one that is absent, or not what was written when the index was."""
        text = self.index.read() if any(file.exists() for file in self._files) else None
        document = json.loads(text) if text is not None else {}
        present = (document.get(file.digests[file.path.name], {}) if file.exists() else {} for file in self._files)
        base, added = (
            {name: _Group(group["sources"], tuple(group["made"]), group["size"]) for name, group in part.items()}
            for part in present
        )
        return base, added


def _plain(group: _Group) -> dict[str, object]:
    return {"sources": group.sources, "made": group.made, "size": group.size}


def _group(root: Path, sources: str, made: Sequence[str]) -> _Group:
    size = sum(os.stat(path).st_size for path in made)  # noqa: PTH116 - hundreds of files
    return _Group(sources, tuple(path.removeprefix(f"{root}/") for path in made), size)


def _identity(name: str, group: _Group) -> str:
    return f"{name} {group.sources}"


def _sizes(groups: _Groups) -> dict[str, int]:
    return {_identity(name, group): group.size for name, group in groups.items()}


def _chosen(groups: _Groups, identities: Collection[str]) -> dict[str, _Group]:
    return {name: group for name, group in groups.items() if _identity(name, group) in identities}


def _store(root: Path, groups: _Groups, archive: CachedFile) -> None:
    if groups:
        store_entries(root, sorted(_with_folders(path for group in groups.values() for path in group.made)), archive)
    else:
        archive.remove()


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
