"""Compiles the regular expressions of the buildpack and its libraries: all that importing the buildpack compiles."""

import subprocess
from pathlib import Path

from devkit.errors import DevkitError
from devkit.packaging.slim_own import OWN_PACKAGES

PROGRAM = """
import importlib, pathlib, pkgutil, sys
site_packages, *packages = sys.argv[1:]
sys.path.insert(0, site_packages)
from python_buildpack.support import patterns

def import_all():
    # Our functions import these when they need them.
    import requests, tomlkit
    for package in packages:
        modules = pkgutil.walk_packages([f"{site_packages}/{package}"], f"{package}.")
        for name in sorted(module.name for module in modules):
            if not name.endswith(("__main__", "exec_d_helper", "bytecode_compiler")):
                importlib.import_module(name)

patterns.write(pathlib.Path(patterns.TABLE), import_all)
"""


def compile_patterns(python: Path, site_packages: Path) -> None:
    """Write the table that ``python_buildpack.support.patterns`` uses, by an interpreter of the package's version.

    Raises DevkitError.
    """
    argv = (str(python), "-I", "-B", "-c", PROGRAM, str(site_packages), *OWN_PACKAGES)
    if subprocess.run(argv, check=False).returncode != 0:
        raise DevkitError("The buildpack's regular expressions could not be compiled; the reason is above.")
