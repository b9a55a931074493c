"""What `explain` says without a build."""

from datetime import date
from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.decide.recipe_text import recipe_lines
from python_buildpack.explain import explain
from python_buildpack.interpreters.inventory import parse_inventory
from python_buildpack.platform.variables import EnvironmentUnsafe

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = """[project]
name = "shop"
version = "1"
dependencies = ["click"]
[project.scripts]
shop = "shop.cli:main"
"""
BACKEND = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'


@pytest.mark.parametrize(
    ("more", "command"),
    [
        ({"pyproject.toml": PROJECT + BACKEND}, ("shop",)),
        ({"pyproject.toml": PROJECT + BACKEND, "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n'}, ("shop",)),
        ({"pyproject.toml": PROJECT}, ("python", "-m", "shop")),
        ({"pyproject.toml": PROJECT + BACKEND, "requirements.txt": "click\n"}, ("python", "-m", "shop")),
        ({"pyproject.toml": PROJECT + BACKEND, "requirements.txt": "-e .\ngunicorn\n"}, ("shop",)),
    ],
    ids=["project", "uv", "not built", "requirements alone", "requirements with itself"],
)
def test_the_apps_own_command_is_there_if_the_app_is_installed(
    tmp_path: Path, more: dict[str, str], command: tuple[str, ...]
) -> None:
    """As in the build: a manager installs the project, too, if it has a build backend."""
    files = {
        "shop/__init__.py": "",
        "shop/cli.py": "def main():\n    pass\n",
        "shop/__main__.py": "from shop.cli import main\nmain()\n",
    }
    inventory = parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "file:///inventory.toml")
    recipe = explain(write_app(tmp_path, {**files, **more}), {}, inventory, "amd64", date(2026, 11, 22))
    assert recipe.processes is not None
    assert [process.command for process in recipe.processes.processes] == [command]


def test_variables_are_treated_as_in_a_build(tmp_path: Path) -> None:
    """What a build refuses, explain refuses; what has no effect is named."""
    app = write_app(tmp_path, {"requirements.txt": "", "app.py": ""})
    inventory = parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "file:///inventory.toml")
    with pytest.raises(EnvironmentUnsafe, match="PIP_TARGET"):
        explain(app, {"PIP_TARGET": "x"}, inventory, "amd64", date(2026, 11, 22))
    recipe = explain(app, {"UV_PYTHON": "3.9"}, inventory, "amd64", date(2026, 11, 22))
    assert [one.text for one in recipe.notices if "UV_PYTHON" in one.text]


@pytest.mark.parametrize("place", ["-e .", "./libs/web", "--editable ./libs/web", "-e ./libs/web[site]"])
def test_what_projects_require_that_requirements_name_by_a_path_is_there(tmp_path: Path, place: str) -> None:
    """The app's own setup.py, a project in a folder, or the extra of one that is asked for may bring the framework."""
    setup = "from setuptools import setup\nsetup(name='web', install_requires=['flask'])\n"
    lists = "optional-dependencies.site" if "[site]" in place else "dependencies"
    project = f"[project]\nname = 'web'\n{lists} = ['flask']\n"
    more = {"setup.py": setup} if place == "-e ." else {"libs/web/pyproject.toml": project}
    app = {"main.py": "from flask import Flask\napp = Flask('x')\n", "requirements.txt": f"{place}\ngunicorn\n"}
    inventory = parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "file:///inventory.toml")
    recipe = explain(write_app(tmp_path, {**app, **more}), {}, inventory, "amd64", date(2026, 11, 22))
    assert recipe.processes is not None
    assert [process.command for process in recipe.processes.processes] == [("gunicorn", "main:app")]


def test_a_setting_is_said_with_its_place_once(tmp_path: Path) -> None:
    """A variable is its own place; a value of pyproject.toml has another name there."""
    app = write_app(tmp_path, {"pyproject.toml": '[tool.terrarium]\nstart-command = "python a.py"\n', "a.py": ""})
    inventory = parse_inventory((CHECKOUT / "inventory.toml").read_bytes(), "file:///inventory.toml")
    lines = list(recipe_lines(explain(app, {"BP_PYTHON_SLIM": "1"}, inventory, "amd64", date(2026, 11, 22))))
    assert "Setting BP_PYTHON_SLIM: 1" in lines
    assert any(line.endswith("python a.py, by start-command in pyproject.toml, [tool.terrarium]") for line in lines)
