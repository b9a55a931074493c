"""What configures an installer besides its options, and is put back when code of packages has run in a resolution."""

import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cnb.files import write_file
from cnb.frozen import frozen
from cnb.trees import remove
from python_buildpack.app.texts import MAX_MANIFEST_BYTES
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.secrets.private_files import HomeFiles, PrivateFiles
from python_buildpack.support.small_files import read_bounded


@frozen
class Configured:
    """The files as they were before: those with logins, those in the home directory, and the app's manifests."""

    private: PrivateFiles
    home: HomeFiles
    manifests: Mapping[Path, tuple[bytes, int]]
    """Content and mode."""
    reporter: Reporter

    @classmethod
    def look(cls, context: InstallContext) -> "Configured":
        """Read the files. Raises OSError."""
        root, found = context.project.root, {}
        for path in (root / name for name in context.project.texts if not name.endswith(".py")):
            with suppress(OSError):
                content = None if path.is_symlink() else read_bounded(path, MAX_MANIFEST_BYTES)
                if content is not None:
                    found[path] = content, stat.S_IMODE(path.stat().st_mode)
        home = HomeFiles.read(root, context.env)
        return cls(PrivateFiles.read(context.scratch.parent), home, found, context.reporter)

    def put_back(self) -> None:
        """Write what is not as it was. Raises OSError and FileNotWritten."""
        self.private.put_back()
        self.home.put_back()
        changed = [path for path, (content, _) in self.manifests.items() if _content(path) != content]
        for path in changed:
            remove(path)
            write_file(path, *self.manifests[path])
        if changed:
            names = ", ".join(sorted(path.name for path in changed))
            self.reporter.line(f"Put back, because code of packages changed it: {names}")


def _content(path: Path) -> bytes | None:
    try:
        return None if path.is_symlink() else read_bounded(path, MAX_MANIFEST_BYTES)
    except OSError:
        return None
