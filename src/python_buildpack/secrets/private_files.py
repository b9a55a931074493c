"""The files that configure the tools of a build: logins, keys and certificates of bindings, settings of the user.

Programs of the build run as the same user, so they can change them; ssh runs what its configuration says.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cnb.frozen import frozen
from cnb.trees import make_directory, remove
from python_buildpack.secrets.credentials import configured_files
from python_buildpack.support.small_files import read_bounded

FOLDER = "private"
"""In the layers directory, where the lifecycle ignores directories without a .toml file. The name is fixed, because
variables with this path are part of the key of collected static files."""

_MODE = 0o600
_LARGEST = 1 << 20


@frozen
class PrivateFiles:
    """The content of the files at one moment."""

    folder: Path
    content: Mapping[str, bytes]

    @classmethod
    def read(cls, layers: Path) -> "PrivateFiles":
        """Return what is there now, mostly nothing. Raises OSError."""
        folder = layers / FOLDER
        found = folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ()
        return cls(folder, {path.name: path.read_bytes() for path in found if path.is_file()})

    def put_back(self) -> bool:
        """Write again what is not as it was, remove what is new, and return whether there was any. Raises OSError."""
        with suppress(OSError):
            if PrivateFiles.read(self.folder.parent).content == self.content:
                return False
        remove(self.folder)
        if self.content:
            self.folder.mkdir(mode=0o700)
        for name, content in self.content.items():
            path = self.folder / name
            path.touch(mode=_MODE)
            path.write_bytes(content)
        return True


@frozen
class HomeFiles:
    """The content of the installers' own files at one moment, at home or named by variables; None for an absent one."""

    content: Mapping[Path, bytes | None]

    @classmethod
    def read(cls, app: Path, env: Mapping[str, str]) -> "HomeFiles":
        """Return what is there now. Relative paths in variables begin at ``app``."""
        return cls({path: _content(path) for path in configured_files(app, env)})

    def put_back(self) -> None:
        """Write again what is not as it was, and remove what is new. Raises OSError and FileNotWritten."""
        for path, content in self.content.items():
            if _content(path) == content:
                continue
            remove(path)
            if content is not None:
                make_directory(path.parent)
                path.touch(mode=_MODE)
                path.write_bytes(content)


def _content(path: Path) -> bytes | None:
    try:
        return read_bounded(path, _LARGEST)
    except OSError:
        return None
