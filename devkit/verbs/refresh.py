"""Write generated files again: inventory (upstream's interpreters), locks (our dependencies) or docs."""

import argparse
import os
import subprocess

from devkit.errors import DevkitError
from devkit.generated_docs import pages
from devkit.inventory import command as inventory
from devkit.paths import CHECKOUT

LOCKS = {"runtime.txt": (), "dev.txt": ("--group", "dev")}
"""Files in requirements/, and what distinguishes them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    inventory.add_arguments(kinds.add_parser("inventory", help="inventory.toml, from a feed of upstream's builds"))
    kinds.add_parser("locks", help="requirements/*.txt, from pyproject.toml and the package index")
    kinds.add_parser("docs", help="pages of docs/, and tables of names that detect goes by, from the code")


def run(arguments: argparse.Namespace) -> int:
    """Write the files of one kind."""
    match arguments.what:
        case "inventory":
            return inventory.run(arguments)
        case "locks":
            return _refresh_locks()
        case _:
            return _refresh_docs()


def _refresh_locks() -> int:
    for name, options in LOCKS.items():
        argv = [str(CHECKOUT / ".venv" / "bin" / "uv"), "pip", "compile", "pyproject.toml", *options, "--quiet"]
        argv += ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"]
        argv += ["--no-header", "--no-annotate", "--no-emit-index-url", "-o", f"requirements/{name}"]
        if subprocess.run(argv, cwd=CHECKOUT, check=False).returncode != 0:
            raise DevkitError(f"requirements/{name} could not be resolved; uv's message is above")
        print(f"requirements/{name}")
    return os.EX_OK


def _refresh_docs() -> int:
    for path, text in pages().items():
        (CHECKOUT / path).parent.mkdir(exist_ok=True)
        (CHECKOUT / path).write_text(text, encoding="utf-8")
        print(path)
    return os.EX_OK
