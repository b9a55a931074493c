"""Checks the Kubernetes manifests in docs/platforms by the types and webhooks of kpack and Tekton themselves."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from devkit.errors import DevkitError
from devkit.go_programs import go_program


def check_manifests(paths: Sequence[Path]) -> list[str]:
    """Return what is wrong with the manifests, a line each. Raises DevkitError where the check cannot be made."""
    argv = [str(go_program("manifests")), *map(str, paths)]
    finished = subprocess.run(argv, check=False, capture_output=True, text=True)
    if finished.returncode not in {0, 1}:
        raise DevkitError(f"the check of the manifests ended with status {finished.returncode}: {finished.stderr}")
    return finished.stdout.splitlines()
