"""An installation on an interpreter without headers: what builds something all the same is made again elsewhere."""

from pathlib import Path

import pytest

from manager_context import Log, empty_environment, install_context, write_app
from python_buildpack.layers.dependencies.install_wheels import WholePythonNeeded, install_wheels
from python_buildpack.package_managers.interface import Resolution
from python_buildpack.package_managers.registry import manager_named

BACKEND = """\
import os, zipfile
INFO = "shop-1.dist-info/"
FILES = {
    "shop.py": "",
    INFO + "METADATA": "Metadata-Version: 2.1\\nName: shop\\nVersion: 1\\n",
    INFO + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    INFO + "RECORD": "",
}
def build_wheel(folder, *more):
    with zipfile.ZipFile(os.path.join(folder, "shop-1-py3-none-any.whl"), "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
    return "shop-1-py3-none-any.whl"
build_editable = build_wheel
"""
PROJECT = """\
[project]
name = "shop"
version = "1"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def test_an_editable_project_is_built_with_the_whole_interpreter(tmp_path: Path) -> None:
    """Uv builds it although only wheels are allowed, and an optional extension module would be missing."""
    files = {"requirements.txt": "-e .\n", "pyproject.toml": PROJECT, "backend.py": BACKEND}
    context = install_context(write_app(tmp_path / "app", files), tmp_path / "work", tmp_path / "layers")
    venv = tmp_path / "venv"
    empty_environment(venv)
    manager = manager_named("requirements.txt", context.settings)

    with pytest.raises(WholePythonNeeded):
        install_wheels(manager, context, manager.resolve(context), venv)

    assert isinstance(context.reporter, Log)
    assert "A project was built from its directory, so the whole interpreter is put back" in context.reporter.said


def test_no_other_installer_than_uv_is_tried(tmp_path: Path) -> None:
    """Poetry, PDM and pip build what comes from git or from an archive although only wheels are allowed."""
    files = {
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
        "poetry.lock": '[metadata]\nlock-version = "2.0"\ncontent-hash = ""\n',
    }
    context = install_context(write_app(tmp_path / "app", files), tmp_path / "work", tmp_path / "layers")
    manager = manager_named("poetry", context.settings)

    with pytest.raises(WholePythonNeeded):
        install_wheels(manager, context, Resolution.of("", ""), tmp_path / "venv")

    assert isinstance(context.reporter, Log)
    assert "poetry may build from source, so the whole interpreter is put back" in context.reporter.said
    assert not (tmp_path / "work" / "scratch" / "unpacked").exists()
