"""Wheels and source distributions that lie in an app, with the same names and new content after an edit."""

import base64
import gzip
import io
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devkit.small_wheels import write_wheel

_TIME = 1_577_836_800
_PYPROJECT = (
    '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
    '[project]\nname = "{name}"\nversion = "1.0"\ndescription = "a package"\n'
)


@dataclass(frozen=True, slots=True)
class Archive:
    """A distribution in a file of the app."""

    name: str
    is_wheel: bool

    @property
    def path(self) -> str:
        """Where it is in the app."""
        return f"vendor/{self.name}-1.0{'-py3-none-any.whl' if self.is_wheel else '.tar.gz'}"

    def content(self, number: int) -> bytes:
        """Return the file's content, with a module that has this number."""
        module = f"NUMBER = {number}\n".encode()
        if self.is_wheel:
            with tempfile.TemporaryDirectory() as folder:
                return write_wheel(Path(folder), self.name, "1.0", {f"{self.name}.py": module}).read_bytes()
        buffer = io.BytesIO()
        project = _PYPROJECT.format(name=self.name).encode()
        info = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: 1.0\n".encode()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for path, data in {"pyproject.toml": project, f"{self.name}.py": module, "PKG-INFO": info}.items():
                entry = tarfile.TarInfo(f"{self.name}-1.0/{path}")
                entry.size, entry.mtime = len(data), _TIME
                archive.addfile(entry, io.BytesIO(data))
        return gzip.compress(buffer.getvalue(), mtime=_TIME)

    @property
    def text(self) -> str:
        """The first content as text, for a table of texts: ``write`` gives the bytes back."""
        return BINARY + base64.b64encode(self.content(0)).decode()


BINARY = "binary:"
"""Begins a text that stands for bytes."""


def as_bytes(text: str) -> bytes:
    """Return the bytes that a file of the app has."""
    return base64.b64decode(text.removeprefix(BINARY)) if text.startswith(BINARY) else text.encode()
