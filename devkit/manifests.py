"""Checks the Kubernetes manifests in docs/platforms by the types and webhooks of kpack and Tekton themselves."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devkit.errors import DevkitError
from devkit.pack.cache import fingerprint, machine_cache
from devkit.pack.commands import run_step
from devkit.paths import CHECKOUT

_MODULE = CHECKOUT / "tools" / "manifests"


def check_manifests(paths: Sequence[Path]) -> list[str]:
    """Return what is wrong with the manifests, a line each. Raises DevkitError where the check cannot be made."""
    argv = [str(_checker()), *map(str, paths)]
    finished = subprocess.run(argv, check=False, capture_output=True, text=True)
    if finished.returncode not in {0, 1}:
        raise DevkitError(f"the check of the manifests ended with status {finished.returncode}: {finished.stderr}")
    return finished.stdout.splitlines()


def _checker() -> Path:
    """Return the program, built once for each state of its source."""
    if shutil.which("go") is None:
        raise DevkitError("Go is missing: the check of the manifests is built with it. Install Go from go.dev.")
    cache = machine_cache()
    mark = fingerprint(*(path.read_bytes() for path in sorted(_MODULE.iterdir())))
    program = cache.folder("manifests") / mark
    with cache.locked("manifests"):
        if not program.exists():
            with tempfile.TemporaryDirectory(dir=program.parent) as scratch:
                built = Path(scratch) / "manifests"
                run_step("Building the check of manifests", ["go", "build", "-o", built, "."], cwd=_MODULE)
                built.rename(program)
    return program
