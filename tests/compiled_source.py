"""Source distributions with an extension in C, for which there is no wheel, and a buildpack that brings its library."""

import hashlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from wheel_index import WheelIndex

_BACKEND = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
_SETUP = """
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

class Counted(build_ext):
    def run(self):
        with open({counter!r}, "a") as counter:
            counter.write({name!r} + "\\n")
        super().run()

extension = Extension({name!r}, ["module.c"], libraries={libraries!r})
setup(name={name!r}, version={version!r}, ext_modules=[extension], cmdclass={{"build_ext": Counted}})
"""
_MODULE = """
#include <Python.h>
{include}
static PyObject *answer(PyObject *self, PyObject *nothing) {{ return PyLong_FromLong({value}); }}
static PyMethodDef methods[] = {{{{"answer", answer, METH_NOARGS, ""}}, {{NULL, NULL, 0, NULL}}}};
static struct PyModuleDef definition = {{PyModuleDef_HEAD_INIT, "{name}", NULL, -1, methods}};
PyMODINIT_FUNC PyInit_{name}(void) {{ return PyModule_Create(&definition); }}
"""

_TOML = """
api = "0.10"
[buildpack]
id = "test/library"
version = "1.0.0"
[[targets]]
os = "linux"
"""
_BUILD = """#!/bin/sh
set -eu
layer=$CNB_LAYERS_DIR/found
mkdir -p "$layer"
cp -r "$CNB_BUILDPACK_DIR/found/." "$layer/"
printf '[types]\\nlaunch = true\\nbuild = true\\n' > "$layer.toml"
"""


def publish_source(
    index: WheelIndex, name: str, counter: Path, header: str = "", libraries: tuple[str, ...] = (), value: str = "42"
) -> None:
    """Add version 1.0 of a source distribution to the index; each time it is compiled, ``counter`` gets a line."""
    files = {
        "pyproject.toml": _BACKEND,
        "setup.py": _SETUP.format(name=name, version="1.0", counter=str(counter), libraries=list(libraries)),
        "module.c": _MODULE.format(name=name, include=f"#include <{header}>" if header else "", value=value),
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n",
    }
    folder = index.root / "simple" / name
    folder.mkdir(parents=True)
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, text in files.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{file}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    # As most such packages have; nobody downloads it.
    elsewhere = f"{name}-0.9-cp27-none-win32.whl"
    links = (f'<a href="{path.name}#sha256={sha256}">{path.name}</a>', f'<a href="{elsewhere}">{elsewhere}</a>')
    (folder / "index.html").write_text(f"<!DOCTYPE html><body>{''.join(links)}</body>", encoding="utf-8")


def library_buildpack(folder: Path) -> Path:
    """Return a buildpack whose layer has ``gemstone.h`` and ``libgemstone.so``, as an Aptfile's would."""
    found = folder / "found"
    for name in ("include", "lib"):
        (found / name).mkdir(parents=True)
    (found / "include" / "gemstone.h").write_text("int gemstone(void);\n", encoding="utf-8")
    source = folder / "gemstone.c"
    source.write_text("int gemstone(void) { return 7; }\n", encoding="utf-8")
    subprocess.run(
        [shutil.which("cc") or "cc", "-shared", "-fPIC", "-o", found / "lib" / "libgemstone.so", source], check=True
    )
    (folder / "buildpack.toml").write_text(_TOML, encoding="utf-8")
    (folder / "bin").mkdir()
    for name, text in {"detect": "#!/bin/sh\n", "build": _BUILD}.items():
        (folder / "bin" / name).write_text(text, encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    return folder
