"""Run the tests: all that this machine allows, naming what was skipped; with CI set, a skipped test is a failure."""

import argparse
import os
import subprocess

from devkit.paths import CHECKOUT

LEVELS = ("unit", "contract", "architecture", "acceptance")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("levels", metavar="LEVEL", nargs="*", choices=[[], *LEVELS], help=f"of {', '.join(LEVELS)}")
    parser.add_argument("-k", metavar="WORDS", dest="words", help="only tests whose names fit, as pytest's -k")


def run(arguments: argparse.Namespace) -> int:
    """Run pytest on the levels asked for, or on all of them. Returns its status."""
    chosen = arguments.levels or list(LEVELS)
    # Acceptance tests share one engine, so they stay together in one of the two processes.
    argv = [str(CHECKOUT / ".venv" / "bin" / "python"), "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"]
    argv += [f"tests/{level}" for level in chosen]
    argv += ["-k", arguments.words] if arguments.words else []
    return subprocess.run(argv, cwd=CHECKOUT, check=False).returncode or os.EX_OK
