"""Apps of some years ago: the pins of their day and no word about Python, as many public repositories are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.free_port import find_free_port
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from manager_context import lock_uv, write_app

Attempt = Callable[..., Built | Failed]

pytestmark = pytest.mark.network

APPS = {
    "flask-of-2020": (
        "Flask==1.1.2\nJinja2==2.11.3\nMarkupSafe==1.1.1\nWerkzeug==1.0.1\nitsdangerous==1.1.0\nclick==7.1.2\n"
        "gunicorn==20.0.4\nredis==3.5.3\n",
        "import flask, gunicorn.app.wsgiapp, redis\nflask.Flask('x')\n",
        "3.9",
    ),
    "django-of-2021": (
        "Django==3.2.5\nasgiref==3.4.1\npytz==2021.1\nsqlparse==0.4.1\n",
        "import django.http.multipartparser, django.core.handlers.wsgi\n",
        "3.11",
    ),
    "flask-alone-of-2022": ("Flask==2.0.3\n", "import flask\nflask.Flask('x')\n", "3.13"),
    "data-of-2023": ("numpy==1.24.0\n", "import numpy\nnumpy.eye(2)\n", "3.11"),
    "api-of-2023": (
        "fastapi==0.95.2\npydantic==1.10.7\nuvicorn==0.22.0\n",
        "import fastapi, uvicorn\nfastapi.FastAPI()\n",
        "3.12",
    ),
}


@pytest.mark.parametrize("name", APPS)
def test_an_app_frozen_in_time_gets_a_python_that_it_runs_on(name: str, attempt: Attempt, tmp_path: Path) -> None:
    """The pins decide, the log names the deciding one, the app runs, and the next build stays with it."""
    requirements, code, minor = APPS[name]
    app = tmp_path / "app"
    app.mkdir()
    (app / "requirements.txt").write_text(requirements, encoding="utf-8")
    (app / "main.py").write_text(f"{code}print('it runs')\n", encoding="utf-8")
    result = attempt(app)
    assert isinstance(result, Built), result.log
    assert f"  {minor}." in result.log
    with launch(tmp_path / "state", command=("python", "main.py")) as running:
        assert running.wait() == 0, running.log
    again = attempt(app)
    assert isinstance(again, Built)
    assert again.log.count("Reused (nothing changed)") == 2


def test_an_open_range_with_an_old_lock_gets_a_python_that_the_lock_has_wheels_for(
    attempt: Attempt, tmp_path: Path
) -> None:
    """``>=3.9`` and a lock of 2023: the newest Python of the range would have to compile numpy, and could not."""
    text = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["numpy==1.24.0"]\n'
    app = write_app(tmp_path / "app", {"pyproject.toml": text, "main.py": "import numpy\nprint(numpy.eye(2))\n"})
    lock_uv(app, tmp_path / "lock", tmp_path / "lock-layers")
    result = attempt(app)
    assert isinstance(result, Built), result.log
    assert "  3.11." in result.log
    assert "numpy 1.24.0 has no wheel for a newer one" in " ".join(result.log.split())
    with launch(tmp_path / "state", command=("python", "main.py")) as running:
        assert running.wait() == 0, running.log
    again = attempt(app)
    assert isinstance(again, Built)
    assert again.log.count("Reused (nothing changed)") == 2


def test_a_flask_of_2022_without_another_server_serves_itself(attempt: Attempt, tmp_path: Path) -> None:
    """Its command has no --app yet, and reads FLASK_APP as all others do."""
    source = "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index():\n    return 'it runs'\n"
    result = attempt(write_app(tmp_path / "app", {"requirements.txt": "Flask==2.0.3\n", "hello.py": source}))
    assert isinstance(result, Built), result.log
    port = find_free_port()
    with launch(tmp_path / "state", env={"PORT": str(port)}) as running:
        assert running.wait_for_http(port).body == b"it runs"
