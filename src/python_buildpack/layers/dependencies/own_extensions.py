"""The app's own extension modules, which its build backend compiles into the app's directory (editable installs).

They stay in the app's directory. A build that reuses its packages restores them from the cache.
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
"""Key of the layer metadata that lists their paths in the app's directory, one a line."""
_NOT_SOURCE = frozenset({".git", "node_modules", ".venv", "venv"})


@frozen
class OwnExtensions:
    """The extension modules in one app's directory."""

    app: Path
    cache: Cache

    def look(self) -> Mapping[str, str]:
        """Return the digests of all extension modules that exist now, by their paths."""
        return {path: hashlib.sha256((self.app / path).read_bytes()).hexdigest() for path in self._paths()}

    def is_kept(self, metadata: Mapping[str, str], identity: str) -> bool:
        """Restore the extension modules that were compiled with this environment; say whether all of them are there."""
        return not metadata.get(EXTENSIONS) or isinstance(
            restore_tree(self.cache.path(_file_name(identity)), self.app), Restored
        )

    def keep(self, metadata: Mapping[str, str], identity: str) -> None:
        """Store the extension modules that were compiled with this environment in the cache. Raises DiskFull."""
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
    """Return the layer metadata about the extension modules that an installation compiled into the app's directory.

    ``before`` and ``after`` are results of ``OwnExtensions.look``. Empty if nothing was compiled. A module that
    replaces an uploaded one counts as compiled.
    """
    listed = "\n".join(sorted(path for path, digest in after.items() if before.get(path) != digest))
    return {EXTENSIONS: listed} if listed else {}
