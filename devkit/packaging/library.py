"""The wheel of cnb, the library that the buildpack is written on."""

import subprocess
from pathlib import Path

from devkit.errors import DevkitError
from devkit.paths import CHECKOUT

FOLDER = CHECKOUT / "library"


def build_library(output: Path) -> Path:
    """Write the wheel into a directory, and return its path. Raises DevkitError."""
    uv = CHECKOUT / ".venv" / "bin" / "uv"
    argv = [str(uv), "build", "--wheel", "--quiet", "--out-dir", str(output), str(FOLDER)]
    finished = subprocess.run(argv, check=False, capture_output=True, text=True)
    wheels = sorted(output.glob("terrarium_cnb-*.whl"))
    if finished.returncode != 0 or not wheels:
        raise DevkitError(f"the library could not be built:\n{finished.stdout}{finished.stderr}")
    return wheels[-1]
