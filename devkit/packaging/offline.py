"""What an offline package has beyond the usual one: interpreters' archives, and the wheels of tools."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from devkit.errors import DevkitError
from devkit.interpreters import Source
from devkit.inventory.builds import Build
from devkit.inventory.document import read_inventory, render_inventory
from devkit.paths import CHECKOUT
from python_buildpack.interpreters.included import FOLDER, archive_name
from python_buildpack.interpreters.inventory import Interpreter, Inventory
from python_buildpack.interpreters.mirrors import download_for
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.tools.pinned import MANAGERS, PIP, WHEELS, PinnedTool

TOOLS = {tool.name: tool for tool in MANAGERS}
"""The tools to choose from. pip always comes along: some options of requirements files need it, and it is small."""

INVENTORY = "inventory.toml"
COMMENT = "The buildpack's list of interpreters; its default is one that this offline package includes."

_PROCESSORS = {"amd64": "x86_64", "arm64": "aarch64"}
_GLIBC = (
    *("manylinux2014", "manylinux2010", "manylinux1"),
    *(f"manylinux_2_{minor}" for minor in (*range(17, 4, -1), *range(18, 29))),
)
"""As for the package's own libraries where a tool offers that; else up to the glibc of the oldest build images."""


@dataclass(frozen=True, slots=True)
class Offline:
    """What to include."""

    pythons: tuple[str, ...] = ()
    """Versions as users write them, such as 3.13; none means the inventory's default."""
    tools: tuple[str, ...] = ()
    """Names out of TOOLS."""

    @property
    def pinned_tools(self) -> tuple[PinnedTool, ...]:
        """Return the tools, pip first."""
        return (PIP, *(TOOLS[name] for name in sorted(set(self.tools))))


def add_interpreters(directory: Path, offline: Offline, source: Source, arch: str) -> tuple[Interpreter, ...]:
    """Put the archives into the package and an inventory that prefers them; return what was put there.

    Raises BuildpackErrors for versions that cannot be had.
    """
    inventory = source.read()
    requests = (parse_version_request(text, "--python") for text in offline.pythons or (inventory.default,))
    chosen = tuple(dict.fromkeys(resolve(request, inventory, arch) for request in requests))
    folder = directory / FOLDER
    folder.mkdir()
    for interpreter in chosen:
        archive = source.archive(interpreter.sha256)
        if not archive.is_file():
            source.fetcher().fetch(download_for(interpreter, None), archive)
        shutil.copyfile(archive, folder / archive_name(interpreter))
    _write_inventory(directory / INVENTORY, inventory, chosen)
    return chosen


def _write_inventory(path: Path, inventory: Inventory, chosen: Sequence[Interpreter]) -> None:
    """Write the usual list, with those of the chosen ones that are not on it: repacked on this machine, or newer."""
    _, builds = read_inventory(CHECKOUT / INVENTORY)
    known = {build.sha256 for build in builds}
    added = (_included_row(interpreter) for interpreter in chosen if interpreter.sha256 not in known)
    path.write_text(render_inventory(_default(inventory, chosen), (*builds, *added), COMMENT), encoding="utf-8")


def _included_row(interpreter: Interpreter) -> Build:
    return Build(
        version=str(interpreter.version),
        build=interpreter.build,
        os=interpreter.os,
        arch=interpreter.arch,
        libc=interpreter.libc,
        variant=interpreter.variant,
        # Relative to the inventory: where it comes from is nothing that a user of the package could reach.
        url=f"{FOLDER}/{archive_name(interpreter)}",
        sha256=interpreter.sha256,
    )


def _default(inventory: Inventory, chosen: Iterable[Interpreter]) -> str:
    """Return the inventory's default if it is included, else the newest minor version that is."""
    minors = {one.minor for one in chosen if one.variant == "default" and not one.version.is_prerelease}
    if not minors:
        raise DevkitError("apps that name no Python need one: include a final release that is not free-threaded")
    return inventory.default if inventory.default in minors else max(minors, key=Version)


def add_tools(
    directory: Path, offline: Offline, arch: str, python: Path, uv: Path, scratch: Path
) -> dict[PinnedTool, Path]:
    """Put the wheels of the tools into the package: those pinned, for the package's own interpreter on ``arch``.

    ``python`` is of that version and runs on this machine. Returns, for each tool, a directory below ``scratch`` with
    the wheels of that tool alone. Raises DevkitError.
    """
    wheels = directory / WHEELS
    wheels.mkdir()
    pip = scratch / "pip"
    target = ("--target", str(pip), "--python", str(python), "--no-config", "--require-hashes", "--no-deps")
    _run((str(uv), "pip", "install", "--quiet", *target, "--requirements", str(PIP.pins)), "pip")
    platforms = [word for glibc in _GLIBC for word in ("--platform", f"{glibc}_{_PROCESSORS[arch]}")]
    folders = {tool: scratch / "wheels" / tool.name for tool in offline.pinned_tools}
    for tool, folder in folders.items():
        argv = (str(python), "-B", str(pip / "pip"), "download", "--quiet", "--dest", str(folder), *platforms)
        checks = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--implementation", "cp")
        _run((*argv, *checks, "--no-cache-dir", "--requirement", str(tool.pins)), tool.name)
        shutil.copytree(folder, wheels, copy_function=shutil.copyfile, dirs_exist_ok=True)
    return folders


def _run(argv: tuple[str, ...], what: str) -> None:
    finished = subprocess.run(argv, check=False, stdout=subprocess.DEVNULL)
    if finished.returncode != 0:
        raise DevkitError(f"the wheels of {what} could not be had; the message of pip or uv is above.")
