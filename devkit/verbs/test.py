"""Run the tests: all that this machine allows, naming what was skipped; with CI set, a skipped test is a failure."""

import argparse
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from devkit.paths import CHECKOUT

ROOT = "PYTEST_DEBUG_TEMPROOT"
"""pytest's variable for the directory of the tests' own directories."""

LEVELS = ("acceptance", "contract", "security", "unit", "architecture")
"""Longest first, so that no process ends long before the others."""

MOST = 4
"""CPUs that are used: the engine of the acceptance tests, their registry and their disk are there once."""

MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux has files in memory
ROOM = 12 * 2**30
"""Bytes of memory for files and for all else, from which on the tests' files are kept in memory.

The tests make and remove some hundred thousand files: half of the time of many goes to the file system of a disk.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("levels", metavar="LEVEL", nargs="*", choices=[[], *LEVELS], help=f"of {', '.join(LEVELS)}")
    parser.add_argument("-k", metavar="WORDS", dest="words", help="only tests whose names fit, as pytest's -k")


def run(arguments: argparse.Namespace) -> int:
    """Run pytest on the levels asked for, or on all of them. Returns its status."""
    chosen = [level for level in LEVELS if level in (arguments.levels or LEVELS)]
    # The tests of a file share what they made ready: a build, a server, a tool.
    argv = [str(CHECKOUT / ".venv" / "bin" / "python"), "-m", "pytest", "-q", "--dist", "loadfile"]
    # Tests of each level wait for servers, programs and clocks: one process more than CPUs uses that time.
    argv += ["-n", str(min(os.cpu_count() or 1, MOST) + 1)]
    argv += ["--no-loadscope-reorder"]
    argv += [f"tests/{level}" for level in chosen]
    argv += ["-k", arguments.words] if arguments.words else []
    env = {**os.environ, **_temporary_files(os.environ)}
    return subprocess.run(argv, cwd=CHECKOUT, env=env, check=False).returncode or os.EX_OK


def _temporary_files(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that has pytest keep the tests' files in memory, if there is room and it is not set."""
    if ROOT in env or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return {}
    return {ROOT: str(MEMORY)} if _free_memory() >= ROOM else {}


def _free_memory() -> int:
    """Return the bytes of memory that programs can have (proc(5), /proc/meminfo)."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    kilobytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), "0")
    return int(kilobytes) * 1024
