"""Images for tests, by a lifecycle of Buildpack API 0.12 and by older ones; and the slices of the app, by that one."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from built_apps import built
from devkit.go_programs import go_program
from devkit.interpreters import Source
from devkit.lifecycle import launch
from devkit.packaging.assemble import with_api
from devkit.paths import CHECKOUT
from local_builds import Attempt
from manager_context import write_app

FILES = {
    "app.py": "import flask\n\napp = flask.Flask(__name__)\n\n\ndef add(a, b):\n    return a + b\n",
    "requirements.txt": "flask\ngunicorn\n",
    "requirements-dev.txt": "-r requirements.txt\npytest\n",
    "tests/test_add.py": "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    "pyproject.toml": "[tool.pytest.ini_options]\nfilterwarnings = ['error']\n",
}


def lifecycle_places(root: Path, app: Path, variables: dict[str, str]) -> dict[str, str]:
    """Return the environment for the real phases, with this checkout as a buildpack of API 0.12."""
    descriptor = tomllib.loads((CHECKOUT / "buildpack.toml").read_text(encoding="utf-8"))["buildpack"]
    buildpack = root / "buildpacks" / descriptor["id"].replace("/", "_") / descriptor["version"]
    buildpack.mkdir(parents=True)
    for path in CHECKOUT.iterdir():
        if path.name != "buildpack.toml":
            (buildpack / path.name).symlink_to(path)
    text = (CHECKOUT / "buildpack.toml").read_text(encoding="utf-8")
    (buildpack / "buildpack.toml").write_text(with_api(text, "0.12"), encoding="utf-8")
    for name, value in variables.items():
        write_app(root / "platform" / "env", {name: value})
    (root / "layers").mkdir()
    write_app(
        root,
        {"order.toml": f'[[order]]\n[[order.group]]\nid = "{descriptor["id"]}"\nversion = "{descriptor["version"]}"\n'},
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "CNB_PLATFORM_API": "0.15",
        "CNB_EXEC_ENV": "test",
        "CNB_APP_DIR": str(app),
        "CNB_LAYERS_DIR": str(root / "layers"),
        "CNB_PLATFORM_DIR": str(root / "platform"),
        "CNB_BUILDPACKS_DIR": str(root / "buildpacks"),
        "CNB_ORDER_PATH": str(root / "order.toml"),
    }


def run(argv: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program of the lifecycle."""
    return subprocess.run(argv, env=env, check=False, capture_output=True, text=True)


@pytest.mark.network
def test_a_lifecycle_that_knows_test_images_makes_and_runs_one(mirror: Source, tmp_path: Path) -> None:
    """It hands CNB_EXEC_ENV to a buildpack of API 0.12; requirements for developers are installed, and pytest runs."""
    app = write_app(tmp_path / "app", {**FILES, **{f"static/{index}.css": str(index) for index in range(200)}})
    env = lifecycle_places(tmp_path, app, {"BP_PYTHON_INVENTORY": str(mirror.inventory)})
    phases = go_program("phases")
    (tmp_path / "phases").symlink_to(phases)
    made = run([str(tmp_path / "phases")], env)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "CNB_EXEC_ENV is test: BP_PIP_REQUIREMENT=requirements.txt requirements-dev.txt" in made.stdout

    metadata = tomllib.loads((tmp_path / "layers" / "config" / "metadata.toml").read_text(encoding="utf-8"))
    assert metadata["buildpack-default-process-type"] == "test"
    assert [process["type"] for process in metadata["processes"]] == ["test", "web"]

    # A container starts the launcher by a name that is the type of the process.
    for kind in ("test", "web"):
        (tmp_path / kind).symlink_to(phases)
    plain = {name: value for name, value in env.items() if name != "CNB_EXEC_ENV"}
    tested = run([str(tmp_path / "test")], plain)
    assert (tested.returncode, "1 passed" in tested.stdout) == (0, True), tested.stdout + tested.stderr
    assert not (app / ".pytest_cache").exists()

    # The static files are a layer that stays as it is while the code changes.
    (tmp_path / "slices").symlink_to(phases)
    before = run([str(tmp_path / "slices")], env).stdout.split()
    (app / "app.py").write_text("def add(a, b):\n    return a - b\n", encoding="utf-8")
    after = run([str(tmp_path / "slices")], env).stdout.split()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]
    assert run([str(tmp_path / "test")], plain).returncode == 1


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
