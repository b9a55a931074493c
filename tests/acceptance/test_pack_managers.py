"""One app of each package manager through the real pack, with locks that the real tools made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from devkit.pack.build import PackBuild
from devkit.pack.containers import ContainerOptions, run_container
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from manager_context import lock_pdm, lock_pipenv, lock_poetry, with_index, write_app

Lock = Callable[[Path, Path, Path], None]

APP = """import importlib.metadata
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    return " ".join(sorted(found.name.lower() for found in importlib.metadata.distributions()))
"""
PROJECT = """[project]
name = "hello-app"
version = "1.0"
requires-python = ">=3.10,<4.0"
dependencies = ["flask", "gunicorn"]
"""
POETRY = '[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "here"\npriority = "primary"\n'
PIPFILE = (
    '[[source]]\nname = "here"\nverify_ssl = true\n[packages]\nflask = "*"\ngunicorn = "*"\n[dev-packages]\nsix = "*"\n'
)
SETUP = "from setuptools import setup\nsetup(name='x', version='1', py_modules=['app'], install_requires={})\n"


@dataclass(frozen=True, slots=True)
class Case:
    """An app that declares flask and gunicorn in one manager's way."""

    manager: str
    files: dict[str, str]
    lock: Lock | None = None


CASES = [
    Case("poetry", {"pyproject.toml": with_index(PROJECT + POETRY)}, lock_poetry),
    Case("pdm", {"pyproject.toml": PROJECT + "[tool.pdm]\ndistribution = false\n"}, lock_pdm),
    Case("pipenv", {"Pipfile": with_index(PIPFILE)}, lock_pipenv),
    Case("pyproject.toml", {"pyproject.toml": PROJECT}),
    Case("setup.py", {"setup.py": SETUP.format(["flask", "gunicorn"])}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.manager)
def test_an_app_of_this_manager_is_installed_and_served(
    case: Case, platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """The packaged buildpack, on its slim interpreter, runs the tool; the image has the packages and answers."""
    app = write_app(tmp_path / "app", {"app.py": APP, **case.files})
    if case.lock is not None:
        case.lock(app, tmp_path / "work", tmp_path / "layers")
    image = names.image(case.manager.replace(".", "-"))
    result = platform.build(PackBuild(app, image, platform.builder, (packaged.file,), inventory))
    assert result.status == 0, result.output
    assert f"{case.manager}, because" in result.output or f"The app has {case.manager}\n" in result.output
    strict = ContainerOptions(user="12345:12345", read_only=True, tmpfs=("/tmp",))
    with run_container(image, options=strict) as container:
        installed = container.wait_for_http("/").text.split()
    assert {"flask", "gunicorn"} <= set(installed)
    assert {"six", "pip", "poetry", "pdm", "pipenv"}.isdisjoint(installed)
