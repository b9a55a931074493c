"""Go programs that checks here are made with: built from a locked module below tools/, once per machine."""

import shutil
import tempfile
from pathlib import Path

from devkit.errors import DevkitError
from devkit.pack.cache import fingerprint, machine_cache
from devkit.pack.commands import run_step
from devkit.paths import CHECKOUT


def go_program(name: str, package: str = ".") -> Path:
    """Return the program that ``package`` gives in the module ``tools/NAME``, built for each state of the module.

    Raises DevkitError where it cannot be built.
    """
    if shutil.which("go") is None:
        raise DevkitError(f"Go is missing: {name} is built with it. Install Go from go.dev.")
    module = CHECKOUT / "tools" / name
    cache = machine_cache()
    program = cache.folder(name) / fingerprint(*(path.read_bytes() for path in sorted(module.iterdir())))
    with cache.locked(name):
        if not program.exists():
            with tempfile.TemporaryDirectory(dir=program.parent) as scratch:
                built = Path(scratch) / name
                run_step(f"Building {name}", ["go", "build", "-o", built, package], cwd=module)
                built.rename(program)
    return program
