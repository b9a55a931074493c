"""Check style and types: ruff's rules and format, mypy strict."""

import argparse
import os
import subprocess

from devkit.paths import CHECKOUT

TOOLS = (
    ("ruff", "check", "--quiet", "."),
    ("ruff", "format", "--check", "--quiet", "."),
    ("mypy", "src", "devkit", "tests"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--fix", action="store_true", help="format, and correct what can be corrected safely")


def run(arguments: argparse.Namespace) -> int:
    """Run every tool, so that one run shows all there is to mend. Returns 1 if any of them finds something."""
    binaries = CHECKOUT / ".venv" / "bin"
    if arguments.fix:
        for argv in (("ruff", "check", "--fix", "--quiet", "."), ("ruff", "format", "--quiet", ".")):
            subprocess.run([str(binaries / argv[0]), *argv[1:]], cwd=CHECKOUT, check=False)
    failed = [
        " ".join(argv)
        for argv in TOOLS
        if subprocess.run([str(binaries / argv[0]), *argv[1:]], cwd=CHECKOUT, check=False).returncode != 0
    ]
    print(f"lint: {'failed: ' + ', '.join(failed) if failed else 'clean'}")
    return 1 if failed else os.EX_OK
