"""Files of an app may be long, on one line or on many: whoever reads an app has read or refused them soon."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from devkit.fuzz.app_files import read_app
from manager_context import write_app

PATIENCE = 20.0
"""Seconds of the processor for all that reads an app; it takes about one, and took minutes or hours."""
SOURCE = "from flask import Flask\napp = Flask(__name__)\n"
LONG = {
    "blanks before an option": ("requirements.txt", "-i https://index.example/s" + " " * 200_000 + "x\n"),
    "blanks before a marker": ("requirements.txt", "flask" + "\t" * 200_000 + "@ x ; python_version < '3'\n"),
    "many extras": ("requirements.txt", "./vendor" + "[x]" * 60_000 + "\n"),
    "a path of an editable": ("requirements.txt", "-e" + " " * 200_000 + "\n"),
    "no options": ("setup.cfg", "[metadata]\n" + "x\n" * 100_000),
    "blanks in an option": ("setup.cfg", "[metadata]\nx" + " " * 200_000 + "y = 1\n"),
    "blanks in a command": ("Procfile", "web: gunicorn" + " " * 150_000 + "app:app\n"),
    "a name of an app": ("Procfile", "web: gunicorn a:" + "b" * 20_000 + "!\n"),
    "imports": ("main.py", SOURCE + "#" + " import" * 30_000 + "\n"),
    "empty lines": ("test_app.py", "\n" * 200_000),
    "empty lines in a configuration": (".flaskenv", "\n" * 200_000),
    "a long number in a constraint": (
        "pyproject.toml",
        f'[tool.poetry.dependencies]\npython = ">=3"\nx = {{version = "*", python = ">={5000 * "9"}"}}\n',
    ),
    "a long number in a range": ("pyproject.toml", f'[project]\nrequires-python = ">={5000 * "9"}"\n'),
    "empty lines in a table": ("pyproject.toml", "[project]\n" + "\n" * 200_000),
}


@pytest.mark.parametrize("case", LONG)
def test_a_long_file_is_read_in_linear_time(case: str, tmp_path: Path) -> None:
    """For all that reads an app before it is built."""
    name, text = LONG[case]
    app = write_app(tmp_path, {"requirements.txt": "flask\n", "app.py": SOURCE, name: text})
    start = time.process_time()
    with suppress(BuildpackError):
        read_app(app)
    assert time.process_time() - start < PATIENCE
