"""Make the documentation's site in dist/site; fails where a link leads nowhere."""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from devkit.paths import DIST
from devkit.site import write_site


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("directory", metavar="DIR", nargs="?", type=Path, default=DIST / "site", help="where to")


def run(arguments: argparse.Namespace) -> int:
    """Write the site, replacing an earlier one. Prints where its first page is."""
    directory: Path = arguments.directory
    with tempfile.TemporaryDirectory(prefix="site-") as workplace:
        made = write_site(Path(workplace))
        shutil.rmtree(directory, ignore_errors=True)
        directory.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, directory)
    print(directory / "index.html")
    return os.EX_OK
