"""Extension modules of the app itself, which its build backend compiles into the app's directory (editable installs).

They are part of the app that runs, so they stay; a build that reuses its packages puts them back from the cache.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.layers.cache import Cache
from python_buildpack.package_managers.source_guard import EXTENSION
from python_buildpack.support.stored_tree import Restored, restore_tree, store_entries

EXTENSIONS = "extensions"
"""Name of the fact that lists their paths in the app's directory, a line each."""
_NOT_SOURCE = frozenset({".git", "node_modules", ".venv", "venv"})


@frozen
class OwnExtensions:
    """The extension modules in one app's directory."""

    app: Path
    cache: Cache

    def look(self) -> Mapping[str, str]:
        """Return the digests of all that are there now, by their paths."""
        return {path: hashlib.sha256((self.app / path).read_bytes()).hexdigest() for path in self._paths()}

    def is_kept(self, metadata: Mapping[str, str], identity: str) -> bool:
        """Put back what an environment of this identity was built with, if anything; say whether all is there."""
        return not metadata.get(EXTENSIONS) or isinstance(
            restore_tree(self.cache.path(_file_name(identity)), self.app), Restored
        )

    def keep(self, metadata: Mapping[str, str], identity: str) -> None:
        """Have the cache keep what the environment of this identity was built with. Raises DiskFull."""
        paths = metadata.get(EXTENSIONS, "").splitlines()
        if not paths:
            return
        archive = self.cache.keep(_file_name(identity))
        if not archive.exists():
            store_entries(self.app, paths, archive)

    def _paths(self) -> Iterator[str]:
        for folder, directories, files in os.walk(self.app):
            directories[:] = sorted(set(directories) - _NOT_SOURCE)
            paths = (f"{folder}/{name}" for name in files if name.endswith(EXTENSION))
            yield from (os.path.relpath(path, self.app) for path in paths if Path(path).is_file())


def _file_name(identity: str) -> str:
    return f"extensions-{identity[:16]}.tar.zst"


def extension_metadata(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the fact about what an installation compiled into the app's directory, given two looks at it.

    There is none where it compiled nothing. One that replaces an uploaded one counts as compiled.
    """
    listed = "\n".join(sorted(path for path, digest in after.items() if before.get(path) != digest))
    return {EXTENSIONS: listed} if listed else {}
