"""Apps with extension modules of their own: compiled in place, there at launch, and there again after a rebuild."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from built_apps import built
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app

pytestmark = [pytest.mark.network, pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")]

Attempt = Callable[..., Built | Failed]
SOURCE = """
#include <Python.h>
#include "value.h"
static PyObject *value(PyObject *self, PyObject *nothing) { return PyLong_FromLong(VALUE); }
static PyMethodDef methods[] = {{"value", value, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_fast", NULL, -1, methods};
PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&definition); }
"""
SETUP = """
from setuptools import Extension, setup
extension = Extension("terrafast._fast", ["terrafast/_fast.c"])
setup(name="terrafast", version="1", packages=["terrafast"], ext_modules=[extension])
"""
FILES = {
    "setup.py": SETUP,
    "terrafast/__init__.py": "from terrafast._fast import value\n",
    "terrafast/_fast.c": SOURCE,
    "terrafast/value.h": "#define VALUE 1\n",
    "main.py": "import terrafast\nprint('value', terrafast.value())\n",
    "Procfile": "web: python main.py\n",
}

DECLARATIONS: tuple[Mapping[str, str], ...] = (
    {},
    {"requirements.txt": "-e .\n"},
    {"Pipfile": '[packages]\nterrafast = {path = ".", editable = true}\n'},
    {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "terrafast"\nversion = "1"\n'
    },
)


def test_an_uploaded_extension_that_is_compiled_again_is_the_new_one_after_a_reuse_too(
    tmp_path: Path, attempt: Attempt
) -> None:
    """Whoever built in place on their own machine uploads the result, of perhaps older sources."""
    app = tmp_path / "app"
    write_app(app, FILES)
    built(attempt(app))
    (name,) = [path.name for path in (tmp_path / "state" / "workspace" / "terrafast").glob("*.so")]
    (app / "terrafast" / name).write_bytes(b"not even a library")
    for _ in range(2):
        built(attempt(app))
        assert said(tmp_path / "state") == "value 1"


def said(state: Path) -> str:
    """Return what the app of the image prints."""
    with launch(state) as running:
        assert running.wait() == 0, running.log
        return running.log.strip()


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda files: next(iter(files), "setup.py"))
def test_the_app_runs_with_its_own_extension(declaration: Mapping[str, str], tmp_path: Path, attempt: Attempt) -> None:
    """After the first build, after one that reuses the packages, after a change of C code, and after a lost cache."""
    app = tmp_path / "app"
    write_app(app, {**FILES, **declaration})
    state = tmp_path / "state"
    first = built(attempt(app))
    assert said(state) == "value 1"
    assert "is removed again" not in first.log
    left = {path.name for path in (state / "workspace").iterdir()}
    assert not left & {"build", "terrafast.egg-info"}

    again = built(attempt(app))
    assert {layer.name: layer.by_reference for layer in again.layers}["dependencies"]
    assert "Building" not in again.log
    assert said(state) == "value 1"

    built(attempt(app, cache=False))
    assert said(state) == "value 1"

    (app / "terrafast" / "value.h").write_text("#define VALUE 2\n", encoding="utf-8")
    built(attempt(app))
    assert said(state) == "value 2"
