"""The process that runs the app's tests, in an image that is built for them."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import scan
from python_buildpack.decide.own_tests import with_test_process, written_script
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.installed.distributions import InstalledDistributions

UNIT = "import unittest\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"
DJANGO = {"manage.py": "", "shop/tests.py": "from django.test import TestCase\n"}
PYTEST = "python -m pytest -o cache_dir=/tmp/pytest_cache"
SCRIPTS = (
    '{"environments": {"test": {"scripts": {"test": "make check", "test-setup": "make db"}, "env": {"DEBUG": "1"}}}}'
)
FLASK = "import flask\napp = flask.Flask(__name__)\n"


def plan_of(folder: Path, files: dict[str, str], installed: str) -> ProcessPlan:
    """Return the processes of an image for tests."""
    evidence = read_evidence(scan(write_app(folder, files)), InstalledDistributions.declared(installed.split()))
    return with_test_process(decide_plan(evidence, written_script(evidence)), evidence)


CASES = {
    "pytest": ({"tests/test_a.py": "def test_a(): pass\n"}, "pytest", PYTEST),
    "pytest before tox": ({"tox.ini": "[tox]\n", "tests/test_a.py": UNIT}, "pytest tox", PYTEST),
    "Django": (DJANGO, "django", "python manage.py test"),
    "Django without pytest's plugin": (DJANGO, "django pytest", "python manage.py test"),
    "Django with it": (DJANGO, "django pytest-django", PYTEST),
    "Django set up by the app": ({**DJANGO, "conftest.py": ""}, "django pytest", PYTEST),
    "nox": ({"noxfile.py": "", "tests/test_a.py": ""}, "nox", "nox --envdir /tmp/nox"),
    "tox": ({"pyproject.toml": "[tool.tox]\nenv_list = []\n"}, "tox", "tox run --workdir /tmp/tox"),
    "tox that is not installed": ({"tox.ini": "", "test_a.py": UNIT}, "", "python -m unittest discover"),
    "unittest in a package": (
        {"tests/__init__.py": "", "tests/deep/__init__.py": "", "tests/deep/test_a.py": UNIT},
        "",
        "python -m unittest discover",
    ),
    "unittest in a folder": ({"tests/unit/test_a.py": UNIT}, "", "python -m unittest discover -s tests/unit"),
    "Procfile": ({"Procfile": "test: python check.py\nweb: python app.py\n"}, "pytest", "python check.py"),
    "app.json": ({"app.json": SCRIPTS}, "pytest", "sh -c 'make db && exec make check'"),
    "app.json of something else": ({"app.json": '{"scripts": {"postdeploy": "x"}}'}, "pytest", PYTEST),
}


@pytest.mark.parametrize(("files", "installed", "command"), CASES.values(), ids=CASES)
def test_what_runs_the_tests(files: dict[str, str], installed: str, command: str, tmp_path: Path) -> None:
    """What the app says comes first, then what is installed; it is the default process, and the only one."""
    plan = plan_of(tmp_path, files, installed)
    (test,) = [process for process in plan.processes if process.default]
    assert (test.type, test.line.removesuffix(" (DEBUG=1)")) == ("test", command)


def test_the_other_processes_stay(tmp_path: Path) -> None:
    """An image for tests can also serve, and the tests import from where the app does."""
    files = {"src/app.py": FLASK, "tests/test_a.py": ""}
    plan = plan_of(tmp_path, files, "flask gunicorn pytest")
    assert [(process.type, process.default) for process in plan.processes] == [("web", False), ("test", True)]
    assert plan.processes[0].import_root == plan.processes[1].import_root


def test_variables_of_app_json_are_for_the_tests_only(tmp_path: Path) -> None:
    """They have the environment of Heroku's tests; a name that is none is left out."""
    odd = SCRIPTS.replace('"DEBUG": "1"', '"DEBUG": "1", "A=B": "x", "N": 3')
    plan = plan_of(tmp_path, {"app.json": odd, "app.py": FLASK}, "flask gunicorn")
    assert {process.type: process.environment for process in plan.processes}["test"] == (("DEBUG", "1"),)


def test_without_tests_it_is_said(tmp_path: Path) -> None:
    """Tests in pytest's own style need pytest, which is then not installed."""
    plan = plan_of(tmp_path, {"test_a.py": "def test_a(): pass\n", "app.py": FLASK}, "flask gunicorn")
    assert [process.type for process in plan.processes] == ["web"]
    assert [notice.title for notice in plan.notices] == ["The image has no process for its tests"]


@pytest.mark.parametrize("text", ["{", "[1]", '{"environments": 1}', '{"environments": {"test": {"scripts": []}}}'])
def test_an_odd_app_json(text: str, tmp_path: Path) -> None:
    """What is no JSON is an error with its position; another shape names no script."""
    evidence = read_evidence(scan(write_app(tmp_path, {"app.json": text})), InstalledDistributions.declared(()))
    if text == "{":
        with pytest.raises(ProjectFileInvalid, match=r"app\.json is not valid JSON: .*line 1 column 2"):
            written_script(evidence)
    else:
        assert written_script(evidence) == ()
