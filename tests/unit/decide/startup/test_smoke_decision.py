"""What a smoke test imports, and what it cannot import."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.startup.smoke import Smoke, decide_smoke
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"
GUARD = 'if __name__ == "__main__":\n    print(1)\n'


def decided(folder: Path, files: dict[str, str]) -> Smoke:
    """Return what is imported of an app with Flask and gunicorn."""
    installed = InstalledDistributions.declared({"flask", "gunicorn"})
    evidence = read_evidence(scan(write_app(folder, files)), installed)
    return decide_smoke(decide_plan(evidence), evidence)


@pytest.mark.parametrize(
    ("files", "what", "directory", "root"),
    [
        ({"app.py": APP}, "app", "", ""),
        ({"src/shop/__init__.py": "", "src/shop/main.py": APP}, "shop.main", "", "src"),
        ({"Procfile": "web: cd backend && gunicorn main:app\n", "backend/main.py": APP}, "main", "backend", "backend"),
        ({"Procfile": "web: python tool.py\n", "tool.py": GUARD}, "tool.py", "", ""),
    ],
)
def test_the_module_is_imported_where_the_process_finds_it(
    tmp_path: Path, files: dict[str, str], what: str, directory: str, root: str
) -> None:
    """With the directory in which it starts, and those on its path."""
    found = decided(tmp_path, files)
    assert (found.process, found.what, found.directory, found.roots[0], found.reason) == (
        "web",
        what,
        directory,
        root,
        "",
    ) or (found.what == what and root in found.roots)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"notes.txt": ""}, "the image has no default process"),
        ({"Procfile": "web: ./start\n", "start": ""}, "it cannot be seen what ./start imports"),
        (
            {"Procfile": "web: python tool.py\n", "tool.py": "print(1)\n"},
            'tool.py has no if __name__ == "__main__", so importing it would run it',
        ),
    ],
)
def test_what_cannot_be_imported_is_not_tested_and_why_is_said(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    """Nothing is run that would serve, and nothing is guessed."""
    assert decided(tmp_path, files).reason == reason
