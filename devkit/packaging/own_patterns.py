"""Compiles the regular expressions of the buildpack and its libraries: all that importing the buildpack compiles."""

import subprocess
from pathlib import Path

from devkit.errors import DevkitError
from devkit.packaging import write_patterns
from devkit.packaging.slim_own import OWN_PACKAGES


def compile_patterns(python: Path, site_packages: Path) -> None:
    """Write the table that ``python_buildpack.support.patterns`` uses, by an interpreter of the package's version.

    Raises DevkitError.
    """
    argv = (str(python), "-I", "-B", write_patterns.__file__, str(site_packages), *OWN_PACKAGES)
    if subprocess.run(argv, check=False).returncode != 0:
        raise DevkitError("The buildpack's regular expressions could not be compiled; the reason is above.")
