"""One of upstream's own builds, out of a Go module that embeds it: real bits where GitHub is out of reach."""

import gzip
import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from cnb.errors import BuildpackError
from devkit.inventory.builds import Build
from devkit.machine import machine_arch
from devkit.mirror.archive import archive_name, write_archive
from devkit.mirror.binaries import find_elf_files, strip_debug
from devkit.mirror.make import Mirrored
from devkit.mirror.plan import fingerprint
from devkit.mirror.repack import check_interpreter
from devkit.mirror.store import STAGE_PREFIX, Record, locked, read_record, write_inventory, write_record

VERSION, BUILD = "3.13.1", "20241219"
MODULE = f"github.com/kluctl/go-embed-python@v0.0.0-{VERSION}-{BUILD}-1"
PYTHON = "python3.13"
RECIPE = "1"
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""What upstream calls the architectures."""


class GenuinePythonUnavailable(BuildpackError):
    """The Go module with one of upstream's builds cannot be had, or is not what it was."""

    code = "genuine-python-unavailable"
    title = "Upstream's build cannot be had as a Go module"


class _File(BaseModel):
    """An entry of the module's ``files.json``; ``perm`` is a Go FileMode, whose low nine bits are the usual ones."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    size: int
    perm: int
    symlink: str | None = None
    compressed: bool = False

    @property
    def is_directory(self) -> bool:
        return bool(self.perm & 1 << 31)


class _Listing(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    files: tuple[_File, ...]


def add_genuine(directory: Path, arch: str = "amd64") -> Mirrored:
    """Add upstream's CPython 3.13.1 to a mirror, and to its inventory, where it may become the newest 3.13.

    One for another architecture than this machine's is not started here. The module leaves out headers, Tcl, pip,
    ensurepip, idlelib and all tests; pip comes back from this Python's own ensurepip where that has it. Raises
    GenuinePythonUnavailable or RepackedPythonBroken.
    """
    started = time.monotonic()
    data = _download_module() / "python" / "internal" / "data" / f"linux-{arch}"
    archive = directory / archive_name(VERSION, BUILD, _MACHINES[arch], "default")
    source = fingerprint([data / "files.json"], MODULE, RECIPE)
    with locked(directory):
        record = read_record(archive)
        if record is not None and record.fingerprint == source:
            write_inventory(directory)
            return Mirrored(record.row, archive, None)
        with tempfile.TemporaryDirectory(prefix=STAGE_PREFIX, dir=directory) as stage:
            _unpack(data, Path(stage, "python"))
            if arch == machine_arch():
                _strip_and_check(Path(stage, "python"))
            digest = write_archive(Path(stage, "python"), archive)
        row = Build(VERSION, BUILD, "linux", arch, "gnu", "default", archive.name, digest)
        write_record(archive, Record(fingerprint=source, libraries=(), row=row))
        write_inventory(directory)
    return Mirrored(row, archive, time.monotonic() - started)


def _download_module() -> Path:
    go = shutil.which("go")
    if go is None:
        raise GenuinePythonUnavailable("go is not on PATH.", "Install Go, or do without --genuine.")
    # Outside any module, so that a go.mod further up does not take part.
    with tempfile.TemporaryDirectory(prefix="go-embed-") as nowhere:
        finished = subprocess.run(
            [go, "mod", "download", "-json", MODULE], cwd=nowhere, capture_output=True, text=True, check=False
        )
    answer = json.loads(finished.stdout or "{}")
    if finished.returncode or "Dir" not in answer:
        raise GenuinePythonUnavailable(
            f"go mod download of {MODULE}: {answer.get('Error') or finished.stderr.strip()}",
            "Check that the Go module proxy answers, or do without --genuine.",
        )
    return Path(answer["Dir"])


def _unpack(data: Path, tree: Path) -> None:
    listing = _Listing.model_validate_json((data / "files.json").read_bytes())
    for file in listing.files:
        _write(file, data, tree / file.name)
    _drop_dangling(tree)
    site_packages = tree / "lib" / PYTHON / "site-packages"
    site_packages.mkdir(exist_ok=True)
    _add_pip(site_packages)


def _strip_and_check(tree: Path) -> None:
    """Do what only this machine's own programs allow: binutils knows its architecture, and the interpreter starts."""
    strip_debug([path for path in find_elf_files(tree) if path.name.startswith("libpython")])
    check_interpreter(tree, PYTHON)


def _write(file: _File, data: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.is_directory:
        target.mkdir(exist_ok=True)
    elif file.symlink is not None:
        target.symlink_to(file.symlink)
    else:
        content = (data / (f"{file.name}.gz" if file.compressed else file.name)).read_bytes()
        target.write_bytes(gzip.decompress(content) if file.compressed else content)
        target.chmod(stat.S_IMODE(file.perm) & 0o777)
        if target.stat().st_size != file.size:
            raise GenuinePythonUnavailable(
                f"{file.name} in {MODULE} has {target.stat().st_size} bytes, {file.size} are announced.",
                "Delete the module from Go's module cache (go clean -modcache) and try again.",
            )


def _drop_dangling(tree: Path) -> None:
    """Remove the scripts of the packages that the module left out, and links that lead nowhere."""
    for pattern in ("pip*", "idle*", "pydoc*", "2to3*"):
        for path in (tree / "bin").glob(pattern):
            path.unlink()
    for folder, _, names in os.walk(tree):
        for path in (Path(folder, name) for name in names):
            if path.is_symlink() and not path.exists():
                path.unlink()


def _add_pip(site_packages: Path) -> None:
    """Unzip pip's wheel, which is all that installing it into site-packages means, from this Python's ensurepip."""
    import ensurepip  # noqa: PLC0415 - some distributions leave it out, which is no reason not to import this module

    for wheel in sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))[-1:]:
        with zipfile.ZipFile(wheel) as content:
            content.extractall(site_packages)
