"""An app whose pyproject.toml has nothing but [tool.terrarium], built and started."""

import json
from collections.abc import Callable
from pathlib import Path

from built_apps import built, failed, outcomes
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
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


def test_an_apps_own_settings_count(tmp_path: Path, attempt: Attempt) -> None:
    """The file makes no project of the app; each value is in the log with its place; the platform's go first.

    Defaults take the place of the buildpack's own, and what is appended is added to them. An unchanged build reuses
    all. What is wrong is said before anything is installed.
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
    first = built(attempt(app, GIVEN))
    log = " ".join(first.log.split())
    assert "python-version in pyproject.toml, [tool.terrarium]: 3.13" in log
    assert "because python-version in pyproject.toml, [tool.terrarium] asks for 3.13" in log
    assert "requirements.txt, because the app has requirements.txt" in log
    assert "show: python show.py, because processes.show in pyproject.toml, [tool.terrarium]" in log
    assert "pyproject.toml, line 3: [tool.terrarium] has slimm, which is not a setting; slim is." in log
    assert "pyproject.toml, line 4: mirror has no effect here: only the platform can set BP_PYTHON_MIRROR" in log
    assert "two package managers" not in log
    assert "COLOUR, set unless it is set when a container starts" in log
    with launch(tmp_path / "state", "show", env={"COLOUR": "red"}) as running:
        running.process.wait(10)
        given = json.loads(running.log)
    assert given["LANG"] == "de_DE.UTF-8"
    assert (given["COLOUR"], given["SIZE"], given["TZ"]) == ("red", "2", "Europe/Berlin")
    assert given["GUNICORN_CMD_ARGS"].startswith("--worker-tmp-dir")
    assert given["GUNICORN_CMD_ARGS"].endswith(" --threads 4")
    assert given["PATH"].startswith("/opt/own:")
    again = built(attempt(app, GIVEN))
    assert set(outcomes(again).values()) == {"by reference"}
    (app / "pyproject.toml").write_text(TABLE.replace('"3.13"', "3.13"), encoding="utf-8")
    wrong = " ".join(failed(attempt(app)).split())
    assert "error: setting-invalid" in wrong
    assert "pyproject.toml, line 2: python-version is a number, but has to be a text, in quotes" in wrong
    assert "2 | python-version = 3.13" in wrong
