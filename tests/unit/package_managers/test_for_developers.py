"""What images for tests and development have besides: what each package manager itself installs for a developer."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.exec_env import chosen_for
from python_buildpack.package_managers.for_developers import is_for_tests
from python_buildpack.platform.exec_env import with_development_choices
from python_buildpack.settings.values import Settings

GROUPS = '[dependency-groups]\ndev = ["a"]\nunit-tests = ["b"]\ndocs = ["c"]\n'
PROJECT = f'[project]\nname = "shop"\nversion = "1"\noptional-dependencies.testing = ["d"]\n{GROUPS}'
POETRY = """[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "*"
[tool.poetry.group.lint.dependencies]
ruff = "*"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.test]
optional = true
[tool.poetry.extras]
dev = ["x"]
"""
PDM_LOCK = '[metadata]\ngroups = ["default", "dev", "docs"]\n'
PIPFILE = '[packages]\n[dev-packages]\npytest = "*"\n[docs]\n'
SETUP = "from setuptools import setup\nsetup(name='x', extras_require={'tests': ['pytest'], 'pdf': []})\n"

CASES = {
    "uv": ({"pyproject.toml": PROJECT, "uv.lock": "version = 1\n"}, "dev unit-tests", "testing", ""),
    "uv's list": (
        {"pyproject.toml": f'{PROJECT}[tool.uv]\ndefault-groups = ["docs"]\n', "uv.lock": "version = 1\n"},
        "docs dev unit-tests",
        "testing",
        "",
    ),
    "project alone": ({"pyproject.toml": PROJECT}, "dev unit-tests", "testing", ""),
    "poetry": ({"pyproject.toml": POETRY, "poetry.lock": ""}, "lint test", "dev", ""),
    "pdm": ({"pyproject.toml": PROJECT, "pdm.lock": PDM_LOCK}, "dev docs", "", ""),
    "pipenv": ({"Pipfile": PIPFILE}, "dev-packages", "", ""),
    "setup.py": ({"setup.py": SETUP, "setup.cfg": "[options.extras_require]\ndev = tox\n"}, "", "dev tests", ""),
    "beside": (
        {"requirements.txt": "", "requirements-dev.txt": "", "requirements-dev.in": "", "requirements-docs.txt": ""},
        "",
        "",
        "requirements.txt requirements-dev.txt",
    ),
    "in a folder": (
        {"requirements/production.txt": "", "requirements/test.in": "", "requirements/base.txt": ""},
        "",
        "",
        "requirements/production.txt requirements/test.in",
    ),
    "before": ({"requirements.txt": "", "test-requirements.txt": ""}, "", "", "requirements.txt test-requirements.txt"),
    "nothing": ({"requirements.txt": "", "notes-dev.txt": ""}, "", "", ""),
    "no dependencies": ({"app.py": ""}, "", "", ""),
}


@pytest.mark.parametrize(("files", "groups", "extras", "lists"), CASES.values(), ids=CASES)
def test_a_developers_installation_is_what_the_manager_makes_by_default(
    files: dict[str, str], groups: str, extras: str, lists: str, tmp_path: Path
) -> None:
    """Besides, what is named for tests."""
    project = scan(write_app(tmp_path, files))
    expected = {"BP_PYTHON_GROUPS": groups, "BP_PYTHON_EXTRAS": extras, "BP_PIP_REQUIREMENT": lists}
    found = {name: value.split() for name, value in chosen_for(project, Settings({})).items()}
    assert found == {name: value.split() for name, value in expected.items() if value}


def test_what_the_user_chose_is_complete(tmp_path: Path) -> None:
    """Nothing is added to a setting that is there; the others are as if it were not."""
    project = scan(write_app(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": "version = 1\n"}))
    assert chosen_for(project, Settings({"BP_PYTHON_GROUPS": "docs"})) == {"BP_PYTHON_EXTRAS": "testing"}


@pytest.mark.parametrize("name", ["test", "Tests", "unit-tests", "test_integration", "dev", "requirements.local"])
def test_a_name_says_that_it_is_for_tests(name: str) -> None:
    """By a word of it, whatever separates the words."""
    assert is_for_tests(name)


@pytest.mark.parametrize("name", ["docs", "latest", "contest", "attestation", "device", "prod"])
def test_other_names_do_not(name: str) -> None:
    """A part of a word says nothing."""
    assert not is_for_tests(name)


@pytest.mark.parametrize("given", [{}, {"CNB_EXEC_ENV": "production"}, {"CNB_EXEC_ENV": "staging"}])
def test_an_image_for_production_has_nothing_of_it(given: dict[str, str], tmp_path: Path) -> None:
    """An environment of a platform's own counts as production."""
    app = write_app(tmp_path, {"requirements.txt": "", "requirements-dev.txt": ""})
    assert with_development_choices(app, Settings(given)) == (Settings(given), "")


def test_a_file_that_cannot_be_read_is_reported_where_it_is_used(tmp_path: Path) -> None:
    """Preparing the build does not fail: the error of the decision names the file."""
    app = write_app(tmp_path, {"pyproject.toml": "[project", "uv.lock": "version = 1\n"})
    given = {"CNB_EXEC_ENV": "test"}
    assert with_development_choices(app, Settings(given)) == (Settings(given), "")
