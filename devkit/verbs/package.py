"""Write dist/*.cnb: the buildpack as pack and platforms take it. Prints its path last.

--offline makes one for builds without any network: it holds the Pythons and package managers that are named.
"""

import argparse
import os

from cnb.descriptor import SUPPORTED_APIS
from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.packaging.offline import TOOLS, Offline
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
    parser.add_argument("--offline", action="store_true", help="include what a build would download")
    parser.add_argument(
        "--python", metavar="VERSION", action="append", default=[], help="include this Python; may be repeated"
    )
    parser.add_argument(
        "--tool", choices=sorted(TOOLS), action="append", default=[], help="include this tool; may be repeated"
    )
    parser.add_argument(
        "--api",
        choices=SUPPORTED_APIS,
        default="",
        help="the Buildpack API that it names: 0.12 for images for tests, with lifecycle 0.21 or later only",
    )


def run(arguments: argparse.Namespace) -> int:
    """Package, and print how large it became."""
    offline = offline_of(arguments)
    source = find_source(arguments.target)
    packaged = package(arguments.target, DIST, source, offline, api=arguments.api)
    print(f"{packaged.directory}: {packaged.unpacked_bytes / 1e6:.1f} MB in {packaged.files} files")
    print(f"{packaged.file} ({packaged.file.stat().st_size / 1e6:.1f} MB):")
    print(packaged.file)
    return os.EX_OK


def offline_of(arguments: argparse.Namespace) -> Offline | None:
    """Return what to include, or None for the usual package. Raises DevkitError."""
    if arguments.offline:
        return Offline(tuple(arguments.python), tuple(arguments.tool))
    if arguments.python or arguments.tool:
        raise DevkitError("--python and --tool say what an offline package includes: add --offline")
    return None
