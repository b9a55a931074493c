"""The packages of a soak: a few small ones and a heavy one, each in several versions, made here."""

import random
import zipfile
from pathlib import Path

from devkit.soak.plan import HEAVY, NAMES, VERSIONS

_HEAVY_BYTES = 5_500_000


def write_wheels(folder: Path) -> None:
    """Write all wheels that a plan may ask for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        for version in VERSIONS:
            _write(folder, name, version)


def _write(folder: Path, name: str, version: str) -> None:
    info = f"{name}-{version}.dist-info"
    files: dict[str, bytes] = {
        f"{name}/__init__.py": f"version = {version!r}\n".encode(),
        f"{name}/part_{version.replace('.', '_')}.py": b"here = True\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: soak\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if name == HEAVY:
        # Random, so that it does not compress; seeded, so that it is the same every time.
        files[f"{name}/data.bin"] = random.Random(version).randbytes(_HEAVY_BYTES)  # noqa: S311
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]).encode()
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
