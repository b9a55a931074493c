"""An app whose pyproject.toml has nothing but [tool.terrarium], built and started."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from built_apps import built, failed, outcomes
from devkit.build_locally import run_in_image
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.launch import launch
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.paths import CHECKOUT
from devkit.small_wheels import write_wheel
from manager_context import write_app

Attempt = Callable[..., Built | Failed]
TABLE = """\
[tool.terrarium]
python-version = "3.13"
slimm = true
mirror = "http://evil.example"

[tool.terrarium.processes]
show = "python show.py"

[tool.terrarium.run-env]
LANG = "de_DE.UTF-8"
COLOUR = "blue"
SIZE = "1"
"""
SHOW = "import json, os\nprint(json.dumps(dict(os.environ)))\n"
GIVEN = {
    "BPE_DEFAULT_SIZE": "2",
    "BPE_TZ": "Europe/Berlin",
    "BPE_APPEND_GUNICORN_CMD_ARGS": "--threads 4",
    "BPE_DELIM_GUNICORN_CMD_ARGS": " ",
    "BPE_PREPEND_PATH": "/opt/own",
    "BPE_DELIM_PATH": ":",
}


def watched_checkout(folder: Path) -> Path:
    """Return a buildpack like this checkout, of which each phase writes the modules that it imports to a file."""
    folder.mkdir()
    for path in CHECKOUT.iterdir():
        (folder / path.name).symlink_to(path)
    python = folder / "python" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    # The arguments are -I -B -m python_buildpack PHASE ...
    program = f'#!/bin/sh\nexec "{CHECKOUT}/.venv/bin/python" -X importtime "$@" 2>"{folder}/$5.imports"\n'
    python.write_text(program, encoding="utf-8")
    python.chmod(0o755)
    return folder


def test_an_apps_own_settings_count(tmp_path: Path, mirror: Source, capsys: pytest.CaptureFixture[str]) -> None:
    """The file makes no project of the app; each value is in the log with its place; the platform's go first.

    Defaults replace the buildpack's own, and what is appended is added to them. An unchanged build reuses all, and
    does not import pydantic, which the first build needs to check the inventory. A detection starts no interpreter.
    """
    files = {
        "requirements.txt": "--no-index\n--find-links wheels\nsmall\n",
        "pyproject.toml": TABLE,
        "show.py": SHOW,
        "main.py": "",
    }
    app = write_app(tmp_path / "app", files)
    (app / "wheels").mkdir()
    write_wheel(app / "wheels", "small", "1", {"small.py": b""})
    watched = watched_checkout(tmp_path / "buildpack")
    env = {"BP_PYTHON_INVENTORY": str(mirror.inventory), **GIVEN}
    request = Request((watched,), app, tmp_path / "state", env=env)
    first = built(build(request))
    imports = watched / "build.imports"
    assert "pydantic" in imports.read_text(encoding="utf-8")
    log = " ".join(first.log.split())
    assert "python-version in pyproject.toml, [tool.terrarium]: 3.13" in log
    assert "because python-version in pyproject.toml, [tool.terrarium] asks for 3.13" in log
    assert "The app has requirements.txt" in log
    assert "show: python show.py, because processes.show in pyproject.toml, [tool.terrarium]" in log
    slimm = "pyproject.toml, line 3: [tool.terrarium] has slimm, which is not a setting; slim is."
    place = "pyproject.toml, line 4: mirror has no effect here: only the platform can set BP_PYTHON_MIRROR"
    assert all(sentence in log for sentence in (slimm, place))
    assert "two package managers" not in log
    assert "COLOUR, set unless it is set when a container starts" in log
    with launch(tmp_path / "state", "show", env={"COLOUR": "red"}) as running:
        running.process.wait(10)
        given = json.loads(running.log)
    found = {name: given[name] for name in ("LANG", "COLOUR", "SIZE", "TZ")}
    assert found == {"LANG": "de_DE.UTF-8", "COLOUR": "red", "SIZE": "2", "TZ": "Europe/Berlin"}
    assert re.fullmatch("--worker-tmp-dir .* --threads 4", given["GUNICORN_CMD_ARGS"])
    assert given["PATH"].startswith("/opt/own:")
    command = ("python", "-c", "import os; print('given', os.environ['COLOUR'], os.environ['A']); raise SystemExit(3)")
    assert run_in_image(tmp_path / "state", command, {"A": "1"}, None) == 3
    assert "given blue 1" in capsys.readouterr().out
    again = built(build(request))
    imported = imports.read_text(encoding="utf-8")
    assert "python_buildpack.entry" in imported
    assert "pydantic" not in imported
    assert not (watched / "detect.imports").exists()
    assert set(outcomes(again).values()) == {"by reference"}


def test_a_wrong_value_ends_the_build_before_it_begins(tmp_path: Path, attempt: Attempt) -> None:
    """With file, line, the line itself, and what the value has to be."""
    app = write_app(tmp_path / "app", {"pyproject.toml": TABLE.replace('"3.13"', "3.13"), "main.py": ""})
    wrong = " ".join(failed(attempt(app)).split())
    assert "error: setting-invalid" in wrong
    assert "pyproject.toml, line 2: python-version is a number, but has to be a text, in quotes" in wrong
    assert "2 | python-version = 3.13" in wrong
