"""A package index that cannot be reached costs nobody the packages of the previous build."""

from collections.abc import Callable
from pathlib import Path

import pytest

from built_apps import built, one_line
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app

pytestmark = pytest.mark.network

Attempt = Callable[..., Built | Failed]
DEAD = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9") | {"UV_HTTP_RETRIES": "0"}
"""A network in which nothing answers."""
PROJECT = '[project]\nname = "hello"\nversion = "1"\ndependencies = ["click"]\n'
SETUP = (
    'from setuptools import setup\nsetup(name="hello", version="1", py_modules=["main"], install_requires=["click"])\n'
)
APPS = {
    "requirements.txt": {"requirements.txt": "click\n"},
    "pyproject.toml": {"pyproject.toml": PROJECT},
    "setup.py": {"setup.py": SETUP},
    "pipenv": {"Pipfile": '[packages]\nclick = "*"\n'},
}


@pytest.mark.parametrize("manager", sorted(APPS))
def test_the_previous_packages_are_kept(manager: str, tmp_path: Path, attempt: Attempt) -> None:
    """What is not locked cannot be resolved; the declaration is unchanged, so the layer is reused, with a warning."""
    app = write_app(tmp_path / "app", {**APPS[manager], "main.py": "import click\n"})
    built(attempt(app))
    again = built(attempt(app, DEAD))
    assert "The package index cannot be reached" in one_line(again.log)
    assert {layer.name: layer.by_reference for layer in again.layers}["dependencies"]


def test_a_changed_declaration_needs_the_index(tmp_path: Path, attempt: Attempt) -> None:
    """Then there is nothing to keep: the build fails, names the cause, and the previous image stays."""
    app = write_app(tmp_path / "app", {"requirements.txt": "click\n", "main.py": "import click\n"})
    built(attempt(app))
    (app / "requirements.txt").write_text("click\nblinker\n", encoding="utf-8")
    result = attempt(app, DEAD)
    assert isinstance(result, Failed)
    assert "error: package-index-unreachable" in result.log
    assert "Traceback" not in result.log
