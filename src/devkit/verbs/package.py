"""Write dist/*.cnb: the buildpack as pack and platforms take it. Prints its path last."""

import argparse
import os

from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.packaging.package import package
from devkit.paths import DIST
from devkit.verbs.arguments import target_arch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--target",
        metavar="OS/ARCH",
        type=target_arch,
        default=f"linux/{machine_arch()}",
        help="linux/amd64 or linux/arm64",
    )


def run(arguments: argparse.Namespace) -> int:
    """Package, and print how large it became."""
    source = find_source(arguments.target)
    packaged = package(arguments.target, DIST, source)
    print(f"{packaged.directory}: {packaged.unpacked_bytes / 1e6:.1f} MB in {packaged.files} files")
    print(f"{packaged.file} ({packaged.file.stat().st_size / 1e6:.1f} MB):")
    print(packaged.file)
    return os.EX_OK
