"""What an installation read of the app decides whether it is still good: edits of apps, and the image after each."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from built_apps import built, open_to_others, outcomes
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from manager_context import install_context, write_app
from python_buildpack.package_managers.tool_runs import run_uv

pytestmark = pytest.mark.network

Attempt = Callable[..., Built | Failed]
BACKEND = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
PRINTS = (
    "import os, sys\nsys.path.insert(0, 'deep/er/jobs/src')\nimport greet, jobs\n"
    "from importlib.metadata import version\n"
    "scripts = sorted(set(os.listdir(os.path.dirname(sys.executable))) & {'nightly', 'hourly'})\n"
    "print(greet.WORD, version('jobs'), *scripts)\n"
)
FILES = {
    "main.py": PRINTS,
    "Procfile": "web: python main.py\n",
    "templates/index.html": "",
    "libs/greet/pyproject.toml": f'{BACKEND}[project]\nname = "greet"\nversion = "1"\n',
    "libs/greet/src/greet/__init__.py": "WORD = 'first'\n",
    "libs/greet/tests/test_greet.py": "",
    "deep/er/jobs/pyproject.toml": f'{BACKEND}[project]\nname = "jobs"\ndynamic = ["version"]\n'
    '[project.scripts]\nnightly = "jobs:nightly"\n[tool.hatch.version]\npath = "src/jobs/about.py"\n',
    "deep/er/jobs/src/jobs/about.py": "__version__ = '1'\n",
    "deep/er/jobs/src/jobs/__init__.py": "",
    "deep/er/jobs/README.md": "",
    "deep/er/jobs/src/jobs.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: jobs\nVersion: 0\n",
}
UV = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
    'dependencies = ["greet", "jobs"]\n[tool.uv.sources]\ngreet = { path = "libs/greet" }\n'
    'jobs = { workspace = true }\n[tool.uv.workspace]\nmembers = ["deep/er/*"]\n'
}
REQUIREMENTS = {
    "requirements.txt": "-r requirements/base.txt\n",
    "requirements/base.txt": "./libs/greet\n-e deep/er/jobs\n",
}
UNTOUCHED = {"dependencies": "by reference", "python": "by reference", "runtime": "by reference"}


def said(tmp_path: Path) -> str:
    """Return what the app of the image prints."""
    open_to_others(tmp_path)
    with launch(tmp_path / "state") as running:
        assert running.wait() == 0, running.log
        return running.log.strip()


@pytest.mark.parametrize("declaration", [UV, REQUIREMENTS], ids=["uv", "requirements"])
def test_an_edit_shows_if_it_was_read_and_keeps_the_layer_if_not(
    declaration: Mapping[str, str], tmp_path: Path, attempt: Attempt
) -> None:
    """A path source's code, an editable member's version file and its scripts; not tests, templates and modules.

    The metadata that a developer's machine left in the source hides none of it.
    """
    app = write_app(tmp_path / "app", {**FILES, **declaration})
    if "pyproject.toml" in declaration:
        assert run_uv(install_context(app, tmp_path / "work", tmp_path / "none"), ("lock",), show=False).status == 0
    built(attempt(app))
    assert said(tmp_path) == "first 1 nightly"
    edits = ("main.py", "templates/index.html", "libs/greet/tests/test_greet.py", "deep/er/jobs/src/jobs/__init__.py")
    for path in (*edits, "deep/er/jobs/README.md"):
        with (app / path).open("a", encoding="utf-8") as file:
            file.write("# edited\n")
    assert outcomes(built(attempt(app))) == UNTOUCHED
    deep = FILES["deep/er/jobs/pyproject.toml"].replace("nightly =", "hourly =")
    about, greet = "deep/er/jobs/src/jobs/about.py", "libs/greet/src/greet/__init__.py"
    write_app(app, {about: "__version__ = '2'\n", greet: "WORD = 'second'\n", "deep/er/jobs/pyproject.toml": deep})
    log = built(attempt(app)).log
    for path in (about, greet, "deep/er/jobs/pyproject.toml"):
        assert path in log
    assert said(tmp_path) == "second 2 hourly"
