"""The packages of a soak: a few small ones and a heavy one, each in several versions, made here."""

import random
from pathlib import Path

from devkit.small_wheels import write_wheel
from devkit.soak.attacks import write_hostile_source
from devkit.soak.plan import HEAVY, NAMES, VERSIONS

_HEAVY_BYTES = 5_500_000


def write_wheels(folder: Path) -> None:
    """Write all packages that a plan may ask for."""
    folder.mkdir(parents=True, exist_ok=True)
    write_hostile_source(folder)
    for name in NAMES:
        for version in VERSIONS:
            write_wheel(folder, name, version, _files(name, version))


def _files(name: str, version: str) -> dict[str, bytes]:
    files = {
        f"{name}/__init__.py": f"version = {version!r}\n".encode(),
        f"{name}/part_{version.replace('.', '_')}.py": b"here = True\n",
    }
    if name == HEAVY:
        # Random, so that it does not compress; seeded, so that it is the same every time.
        files[f"{name}/data.bin"] = random.Random(version).randbytes(_HEAVY_BYTES)  # noqa: S311
    return files
