"""Images for tests, by a lifecycle of Buildpack API 0.12 and by older ones; and the slices of the app, by that one."""

import tomllib
from pathlib import Path

import pytest

from built_apps import built
from devkit.interpreters import Source
from devkit.lifecycle import launch
from local_builds import Attempt
from manager_context import write_app
from real_phases import RealPhases

FILES = {
    "app.py": "import flask\n\napp = flask.Flask(__name__)\n\n\ndef add(a, b):\n    return a + b\n",
    "requirements.txt": "flask\ngunicorn\n",
    "requirements-dev.txt": "-r requirements.txt\npytest\n",
    "tests/test_add.py": "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    "pyproject.toml": "[tool.pytest.ini_options]\nfilterwarnings = ['error']\n",
}


@pytest.mark.network
def test_a_lifecycle_that_knows_test_images_makes_and_runs_one(mirror: Source, tmp_path: Path) -> None:
    """It hands CNB_EXEC_ENV to a buildpack of API 0.12; requirements for developers are installed, and pytest runs."""
    app = write_app(tmp_path / "app", {**FILES, **{f"static/{index}.css": str(index) for index in range(200)}})
    phases = RealPhases(tmp_path, app, exec_env="test")
    phases.add_checkout("0.12")
    phases.give({"BP_PYTHON_INVENTORY": str(mirror.inventory)})
    made = phases.run("phases")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "CNB_EXEC_ENV is test: BP_PIP_REQUIREMENT=requirements.txt requirements-dev.txt" in made.stdout

    metadata = tomllib.loads((tmp_path / "layers" / "config" / "metadata.toml").read_text(encoding="utf-8"))
    assert metadata["buildpack-default-process-type"] == "test"
    assert [process["type"] for process in metadata["processes"]] == ["test", "web"]

    # A container starts the launcher by a name that is the type of the process.
    tested = phases.run("test", is_platform=False)
    assert (tested.returncode, "1 passed" in tested.stdout) == (0, True), tested.stdout + tested.stderr
    assert not (app / ".pytest_cache").exists()

    # The static files are a layer that stays as it is while the code changes.
    before = phases.run("slices").stdout.split()
    (app / "app.py").write_text("def add(a, b):\n    return a - b\n", encoding="utf-8")
    after = phases.run("slices").stdout.split()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]
    assert phases.run("test", is_platform=False).returncode == 1


def test_without_that_lifecycle_a_variable_asks_for_it(attempt: Attempt, tmp_path: Path) -> None:
    """The checkout has API 0.10, as the usual package; without pytest, unittest runs the tests."""
    files = {
        "app.py": "import http.server\nhttp.server.HTTPServer(('', 8000), None).serve_forever()\n",
        "test_app.py": "import unittest\n\n\nclass Test(unittest.TestCase):\n    def test_a(self):\n        pass\n",
    }
    app = write_app(tmp_path / "app", files)
    image = built(attempt(app, {"CNB_EXEC_ENV": "test"}))
    assert image.default_process == "test"
    with launch(tmp_path / "state") as running:
        assert running.process.wait(20) == 0
        assert "Ran 1 test" in running.log

    image = built(attempt(app))
    assert [process.type for process in image.processes] == ["web"]
    assert "Execution environment" not in image.log
