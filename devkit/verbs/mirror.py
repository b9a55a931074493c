"""Repack this machine's Pythons in DIR as archives and an inventory.toml, for machines that cannot reach upstream."""

import argparse
import os
from pathlib import Path

from devkit.mirror.genuine import add_genuine
from devkit.mirror.make import Mirrored, make_mirror
from devkit.paths import kept


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("directory", metavar="DIR", nargs="?", type=Path, default=kept() / "mirror", help="where to")
    parser.add_argument(
        "--python", metavar="VERSION", action="append", default=[], help="only this version; may be given several times"
    )
    parser.add_argument(
        "--genuine", action="store_true", help="add one of upstream's own builds, from the Go module proxy (needs go)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing, and print the inventory's path last."""
    mirror = make_mirror(arguments.directory, versions=arguments.python)
    archives = [*mirror.archives, *([add_genuine(kept() / "genuine")] if arguments.genuine else [])]
    for archive in archives:
        print(_described(archive))
    print(mirror.inventory)
    return os.EX_OK


def _described(mirrored: Mirrored) -> str:
    size = mirrored.archive.stat().st_size / 1e6
    how = "is up to date" if mirrored.seconds is None else f"made in {mirrored.seconds:.1f} s"
    return f"{mirrored.archive.name}: {size:.1f} MB, {how}"
