"""Say what a build of DIR, or of a git repository, would do, and why, without building it."""

import argparse
import sys

from devkit.paths import CHECKOUT
from python_buildpack.explain_command import add_arguments
from python_buildpack.explain_command import run as run_command

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace) -> int:
    """Print the recipe, as ``bin/explain`` of a package does."""
    return run_command(arguments, CHECKOUT, sys.stdout, sys.stderr)
