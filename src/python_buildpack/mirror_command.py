"""The command ``bin/terrarium-mirror``: a copy of builds of Python, for networks that do not reach upstream.

The directory gets the archives as upstream lays them out, which BP_PYTHON_MIRROR and ``dependency-mirror`` expect, and
an inventory.toml with relative addresses, for BP_PYTHON_INVENTORY and the ``python-inventory`` binding.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

from cnb.errors import BuildpackError
from cnb.files import write_file
from cnb.toml_files import toml_bytes
from python_buildpack.interpreters.included import has_digest
from python_buildpack.interpreters.inventory import Interpreter, Inventory, InventoryInvalid, read_inventory
from python_buildpack.interpreters.mirrors import download_for, place_in_mirror
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.settings.table import INVENTORY
from python_buildpack.settings.values import Settings
from python_buildpack.wiring import load_inventory

FILE = "inventory.toml"
_ARCHITECTURES = ("amd64", "arm64")


def main(argv: Sequence[str], buildpack_dir: Path, out: TextIO, err: TextIO) -> int:
    """Fill the directory, and print what it has. Returns 1 after an error, which is then explained."""
    summary = "Copy builds of Python into DIR, for builds in a network that does not reach upstream."
    parser = argparse.ArgumentParser(prog="bin/terrarium-mirror", description=summary)
    parser.add_argument("directory", metavar="DIR", type=Path, help="is made if it does not exist; what it has stays")
    parser.add_argument(
        "--python", metavar="VERSION", action="append", default=[],
        help="3.13 or 3.13.1; may be given several times (the newest build of each minor version)",
    )  # fmt: skip
    parser.add_argument(
        "--arch", choices=_ARCHITECTURES, action="append", default=[], help="may be given twice (amd64)"
    )
    parser.add_argument("--inventory", metavar="PATH|URL", default="", help="the list to copy from (the package's own)")
    parser.add_argument("--from", metavar="URL", dest="mirror", help="another mirror, in the place of upstream")
    return run(parser.parse_args(argv), buildpack_dir, out, err)


def run(arguments: argparse.Namespace, buildpack_dir: Path, out: TextIO, err: TextIO) -> int:
    """Do what the arguments ask for. Returns the exit status."""
    reporter = TextReporter(err)
    fetcher = HttpFetcher(reporter.line)
    try:
        settings = Settings({INVENTORY.name: arguments.inventory} if arguments.inventory else {})
        inventory = load_inventory(buildpack_dir, settings, fetcher)
        chosen = _chosen(inventory, arguments.python, arguments.arch or _ARCHITECTURES[:1])
        for interpreter in chosen:
            archive = _archive(arguments.directory, interpreter)
            if not has_digest(archive, interpreter.sha256):
                archive.parent.mkdir(parents=True, exist_ok=True)
                fetcher.fetch(download_for(interpreter, arguments.mirror), archive)
            out.write(f"{archive}: Python {interpreter}, {interpreter.arch}\n")
        file = arguments.directory / FILE
        write_file(file, toml_bytes(_document(inventory, chosen, file, fetcher)))
    except BuildpackError as error:
        reporter.failure(error)
        return 1
    except OSError as error:
        err.write(f"error: {error.filename or arguments.directory} cannot be written: {error.strerror}\n")
        return 1
    out.write(
        f"{file}\nServe the directory over HTTPS, and set BP_PYTHON_INVENTORY to the address of {FILE} in it, or "
        "BP_PYTHON_MIRROR to that of the directory.\n"
    )
    return os.EX_OK


def _archive(directory: Path, interpreter: Interpreter) -> Path:
    """Return where an archive is to be. Raises InventoryInvalid for an address that leads out of the directory."""
    # A server decodes the address: its %2B is a + in the name of the file.
    place = unquote(place_in_mirror(interpreter))
    if ".." in place.split("/") or place.startswith("/"):
        raise InventoryInvalid(f"The address {interpreter.url} leads out of a mirror.", "Correct it in the inventory.")
    return directory / place


def _chosen(inventory: Inventory, versions: Sequence[str], architectures: Sequence[str]) -> list[Interpreter]:
    """Return the builds to copy: those asked for, or the newest of each minor version. Raises PythonVersionUnknown."""
    wanted = versions or dict.fromkeys(one.minor for one in inventory.interpreters if one.variant == "default")
    found = (
        resolve(parse_version_request(version, "--python"), inventory, arch)
        for arch in architectures
        for version in wanted
        if versions or any(one.minor == version and _is_released(one, arch) for one in inventory.interpreters)
    )
    return list(dict.fromkeys(found))


def _is_released(one: Interpreter, arch: str) -> bool:
    return (one.arch, one.libc, one.variant) == (arch, "gnu", "default") and not one.version.is_prerelease


def _document(
    inventory: Inventory, chosen: Sequence[Interpreter], file: Path, fetcher: HttpFetcher
) -> dict[str, object]:
    """Return the content of inventory.toml: what is new, and what the directory had. Raises InventoryInvalid."""
    before = read_inventory(str(file), fetcher).interpreters if file.is_file() else ()
    rows = {place_in_mirror(one): one for one in (*before, *chosen)}
    minors = {one.minor for one in rows.values()}
    default = inventory.default if inventory.default in minors else max(minors, key=lambda minor: (*_numbers(minor),))
    return {"default": default, "interpreters": [_row(place, one) for place, one in sorted(rows.items())]}


def _row(place: str, one: Interpreter) -> dict[str, str]:
    names = ("build", "os", "arch", "libc", "variant", "sha256")
    return {"version": str(one.version), "url": place, **{name: getattr(one, name) for name in names}}


def _numbers(minor: str) -> Iterator[int]:
    return map(int, minor.split("."))
