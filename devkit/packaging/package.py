"""The two forms of a package, side by side: a directory, and a .cnb file of the same content."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from devkit.interpreters import Source
from devkit.packaging.assemble import Assembly, assemble
from devkit.packaging.cnb_file import write_cnb
from devkit.packaging.offline import Offline
from devkit.version import own_version

NAME = "terrarium-python"


@dataclass(frozen=True, slots=True)
class Packaged:
    """What was written."""

    file: Path
    directory: Path
    bills: tuple[Path, ...]
    """What is in it, as CycloneDX and SPDX documents."""

    @property
    def files(self) -> int:
        """Return how many files the package holds."""
        return sum(path.is_file() for path in self.directory.rglob("*"))

    @property
    def unpacked_bytes(self) -> int:
        """Return the bytes of all files."""
        return sum(path.lstat().st_size for path in self.directory.rglob("*") if path.is_file())


def package(
    arch: str, output: Path, source: Source, offline: Offline | None = None, homepage: str = "", api: str = ""
) -> Packaged:
    """Write the package for linux on ``arch`` into ``output``. Raises DevkitError and BuildpackError.

    ``homepage`` and ``api`` are written into its buildpack.toml; with an API it has its own file name. An offline
    one has its own file name, and the version of the usual one: it builds the same images.

    Both forms appear whole or not at all: an interrupted run leaves the previous package.
    """
    name = f"{NAME}-{own_version()}{'' if offline is None else '-offline'}{api and f'-api-{api}'}-linux-{arch}"
    directory, file = output / name, output / f"{name}.cnb"
    partial = output / f".{name}.part"
    sboms = assemble(Assembly(arch, partial, source, offline, homepage, api))
    write_cnb(partial, arch, file)
    bills = tuple(output / f"{name}.{sbom.format.value}.json" for sbom in sboms)
    for path, sbom in zip(bills, sboms, strict=True):
        path.write_bytes(sbom.content)
    if directory.exists():
        shutil.rmtree(directory)
    partial.rename(directory)
    return Packaged(file, directory, bills)
