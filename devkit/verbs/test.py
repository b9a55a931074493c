"""Run the tests: all that this machine allows, naming what was skipped; with CI set, a skipped test is a failure."""

import argparse
import os
import subprocess

from devkit.paths import CHECKOUT

LEVELS = ("acceptance", "contract", "unit", "architecture")
"""Longest first, so that none of the two processes ends long before the other."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("levels", metavar="LEVEL", nargs="*", choices=[[], *LEVELS], help=f"of {', '.join(LEVELS)}")
    parser.add_argument("-k", metavar="WORDS", dest="words", help="only tests whose names fit, as pytest's -k")


def run(arguments: argparse.Namespace) -> int:
    """Run pytest on the levels asked for, or on all of them. Returns its status."""
    chosen = [level for level in LEVELS if level in (arguments.levels or LEVELS)]
    # The tests of a file share what they made ready: a build, a server, a tool.
    argv = [str(CHECKOUT / ".venv" / "bin" / "python"), "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    argv += ["--no-loadscope-reorder"]
    argv += [f"tests/{level}" for level in chosen]
    argv += ["-k", arguments.words] if arguments.words else []
    return subprocess.run(argv, cwd=CHECKOUT, check=False).returncode or os.EX_OK
