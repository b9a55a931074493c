"""Two patch releases of one minor Python for the benchmark, as archives beside an inventory of their own."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests

from cnb.errors import BuildpackError
from devkit.errors import DevkitError
from devkit.interpreters import Source
from devkit.inventory.builds import Build
from devkit.inventory.document import render_inventory
from devkit.mirror.archive import read_sha256, write_archive
from devkit.mirror.genuine import add_genuine
from devkit.paths import kept
from python_buildpack.interpreters.inventory import Interpreter

MINOR = "3.13"
"""The apps' locks are for this one."""
ADDED = ("include", f"lib/python{MINOR}/ensurepip", f"lib/python{MINOR}/site-packages", "bin/pip*")


@dataclass(frozen=True, slots=True)
class Pythons:
    """What the benchmark installs."""

    folder: Path
    """Holds inventory.toml and the archives, under their plain names."""
    version: str
    """What all builds have, but for those of the scenario with another patch."""
    archive: str
    other_version: str | None
    """None where only one patch release can be had."""
    other_archive: str | None


def choose(interpreters: Iterable[Interpreter], arch: str) -> list[Interpreter]:
    """Return the plain builds of the benchmark's minor for an architecture, newest first."""
    wanted = MINOR, arch, "gnu", "default"
    fitting = [row for row in interpreters if (row.minor, row.arch, row.libc, row.variant) == wanted]
    return sorted(fitting, key=lambda row: row.version, reverse=True)


def prepare_pythons(source: Source, arch: str) -> Pythons:
    """Return two patch releases, or one where there is no other. Raises DevkitError where there is none."""
    rows = choose(source.read().interpreters, arch)
    if not rows:
        raise DevkitError(f"the benchmark needs a Python {MINOR} for {arch}, and {source.inventory} has none")
    if len(rows) == 1 and not source.is_upstream:
        # Upstream's own as the module proxy has it: without headers, so it cannot be the one that compiles.
        rows += choose(_genuine(), arch)[:1]
    chosen = [rows[0]] if len(rows) == 1 else rows[:2]
    if len(chosen) == 2 and source.is_upstream:  # noqa: PLR2004 - a pair
        # As it happens in life: from a patch to the next.
        chosen.reverse()
    folder = kept() / "bench" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    names = [_fetch(row, folder) for row in chosen]
    if not source.is_upstream:
        names[1:] = [_complete(name, names[0], folder) for name in names[1:]]
    builds = [_build(row, folder / name) for row, name in zip(chosen, names, strict=True)]
    (folder / "inventory.toml").write_text(render_inventory(MINOR, builds, "Written by ./dev bench"))
    other = (str(chosen[1].version), names[1]) if len(chosen) > 1 else (None, None)
    return Pythons(folder, str(chosen[0].version), names[0], *other)


def unpack(pythons: Pythons) -> Path:
    """Return the program of the benchmark's Python on this machine, for what is prepared with pip."""
    home = kept() / "bench" / f"{pythons.archive}.d"
    program = home / "python" / "bin" / "python3"
    if not program.exists():
        with tarfile.open(pythons.folder / pythons.archive) as tar:
            tar.extractall(home, filter="tar")
    return program


def _genuine() -> tuple[Interpreter, ...]:
    folder = kept() / "genuine"
    try:
        add_genuine(folder)
    except BuildpackError as error:
        print(f"note: the scenario with another patch release is left out: {error.what}")
        return ()
    return Source(folder / "inventory.toml", is_upstream=False).read().interpreters


def _fetch(row: Interpreter, folder: Path) -> str:
    # "+" is for the release, and some servers read it as a blank.
    name = (
        f"cpython-{row.version}-{row.build}-{row.arch}{Path(urlsplit(row.url).path).suffix.replace('.gz', '.tar.gz')}"
    )
    file = folder / name
    if not (file.is_file() and read_sha256(file) == row.sha256):
        partial = folder / f".{name}.{os.getpid()}"
        if urlsplit(row.url).scheme == "file":
            shutil.copyfile(url2pathname(urlsplit(row.url).path), partial)
        else:
            partial.write_bytes(requests.get(row.url, timeout=300).content)
        if read_sha256(partial) != row.sha256:
            partial.unlink()
            raise DevkitError(f"{row.url} is not what the inventory describes")
        partial.replace(file)
    return name


def _complete(name: str, whole: str, folder: Path) -> str:
    """Give an interpreter pip, ensurepip and headers of the other patch, which the module proxy's does not have."""
    target = folder / f"complete-{name}"
    if not target.is_file():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            trees = [Path(scratch, part) for part in ("incomplete", "whole")]
            for archive, tree in zip((name, whole), trees, strict=True):
                with tarfile.open(folder / archive) as tar:
                    tar.extractall(tree, filter="tar")
            for pattern in ADDED:
                for path in trees[1].glob(f"python/{pattern}"):
                    _add(path, trees[0] / path.relative_to(trees[1]))
            write_archive(trees[0] / "python", target)
    return target.name


def _add(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True)
    else:
        target.unlink(missing_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)


def _build(row: Interpreter, file: Path) -> Build:
    version, digest = str(row.version), read_sha256(file)
    return Build(version, row.build, row.os, row.arch, row.libc, row.variant, file.name, digest)
