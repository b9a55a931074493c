"""The two forms of a package, side by side: a directory, and a .cnb file of the same content."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from devkit.interpreters import Source
from devkit.packaging.assemble import Assembly, assemble
from devkit.packaging.cnb_file import write_cnb
from devkit.paths import CHECKOUT

NAME = "terrarium-python"


@dataclass(frozen=True, slots=True)
class Packaged:
    """What was written."""

    file: Path
    directory: Path

    @property
    def files(self) -> int:
        """Return how many files the package holds."""
        return sum(path.is_file() for path in self.directory.rglob("*"))

    @property
    def unpacked_bytes(self) -> int:
        """Return the bytes of all files."""
        return sum(path.lstat().st_size for path in self.directory.rglob("*") if path.is_file())


def package(arch: str, output: Path, source: Source) -> Packaged:
    """Write the package for linux on ``arch`` into ``output``. Raises DevkitError and BuildpackError.

    Both forms appear whole or not at all: an interrupted run leaves the previous package.
    """
    version = tomllib.loads((CHECKOUT / "buildpack.toml").read_text(encoding="utf-8"))["buildpack"]["version"]
    name = f"{NAME}-{version}-linux-{arch}"
    directory, file = output / name, output / f"{name}.cnb"
    partial = output / f".{name}.part"
    assemble(Assembly(arch, partial, source))
    write_cnb(partial, arch, file)
    if directory.exists():
        shutil.rmtree(directory)
    partial.rename(directory)
    return Packaged(file, directory)
