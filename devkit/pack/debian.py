"""Getting missing programs from Debian's own packages, where that is possible."""

import os
import shutil
from collections.abc import Mapping

from devkit.pack.cache import machine_cache
from devkit.pack.commands import PlatformUnavailable, run_step


def install_missing(programs: Mapping[str, str]) -> None:
    """Make sure that each program is on PATH, installing its package if not. Raises PlatformUnavailable.

    ``programs`` maps a program's name to the Debian package that brings it.
    """
    if all(map(shutil.which, programs)):
        return
    # Tests that run at the same time install, too, and apt-get does not wait for another one.
    with machine_cache().locked("apt"):
        _install({program: package for program, package in programs.items() if shutil.which(program) is None})


def _install(missing: Mapping[str, str]) -> None:
    if not missing:
        return
    names, packages = ", ".join(sorted(missing)), sorted(set(missing.values()))
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PlatformUnavailable(
            f"These programs are missing: {names}. They install themselves only as root on Debian or Ubuntu.",
            f"Install them (on Debian and Ubuntu: apt-get install {' '.join(packages)}), then try again.",
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run_step("Reading the package lists", ["apt-get", "update", "-q"], env=quiet)
    run_step(f"Installing {names}", ["apt-get", "install", "-y", "-q", *packages], env=quiet)
