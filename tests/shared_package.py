"""The buildpack as users get it: put together once in a run of the tests, by whichever worker asks first."""

import json
import os
from pathlib import Path

import pytest

from devkit.interpreters import Source
from devkit.machine import machine_arch
from devkit.mirror.store import locked
from devkit.packaging.package import Packaged, package


def shared_package(factory: pytest.TempPathFactory, source: Source) -> Packaged:
    """Return the package of this checkout with interpreters from ``source``. It is there to be looked at only."""
    base = factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = run / f"package-of-{'upstream' if source.is_upstream else 'mirror'}"
    note = folder / "packaged.json"
    with locked(folder):
        if not note.exists():
            made = package(machine_arch(), folder, source)
            note.write_text(json.dumps([str(path) for path in (made.file, made.directory, *made.bills)]), "utf-8")
        file, directory, *bills = map(Path, json.loads(note.read_text("utf-8")))
    return Packaged(file, directory, tuple(bills))
