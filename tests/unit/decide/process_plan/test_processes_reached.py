"""Web processes of a Procfile that nobody reaches: by their command, by default, or by the file that Python runs."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.listening import CLOSED
from python_buildpack.installed.distributions import InstalledDistributions

FIXED = "The web process listens on a port of its own"
PORT = "The app must listen on the port in PORT"
ALL = (
    "flask",
    "gunicorn",
    "uvicorn",
    "django",
    "hypercorn",
    "waitress",
    "daphne",
    "fastapi-cli",
    "flask-socketio",
    "bottle",
    "quart",
)
FLASK = "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    "


def said(folder: Path, line: str, source: str = FLASK + "pass\n") -> list[tuple[str, str]]:
    files = {
        "Procfile": f"web: {line}\n",
        "app.py": source,
        "manage.py": "",
        "pkg/__main__.py": source,
        "other.py": "app = make()\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    plan = decide_processes(scan(folder), InstalledDistributions.declared(ALL))
    return [(notice.title, notice.text) for notice in plan.notices]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("gunicorn -b 127.0.0.1:8000 app:app", CLOSED),
        ("python manage.py migrate && gunicorn --bind localhost:8000 app:app", CLOSED),
        ("python manage.py runserver", CLOSED),
        ("python manage.py runserver 8000", CLOSED),
        ("hypercorn app:app", CLOSED),
        ("daphne -p $PORT other:app", CLOSED),
        ("fastapi dev app.py", CLOSED),
        ("gunicorn -b 0.0.0.0:8000 app:app", FIXED),
        ("waitress-serve app:app", FIXED),
        ("python -m waitress --call app:app", FIXED),
        ("daphne -b 0.0.0.0 other:app", FIXED),
        ("daphne -b0.0.0.0 other:app", FIXED),
        ("daphne -b 0.0.0.0 -p 8000 other:app", FIXED),
        ("daphne -b 0.0.0.0 -p8000 other:app", FIXED),
        ("gunicorn -b127.0.0.1:8000 app:app", CLOSED),
        ("gunicorn --bind=:5000 app:app", FIXED),
        ("uvicorn other:app --host 0.0.0.0 --port 8000", FIXED),
        ("python manage.py runserver 0.0.0.0:8000", FIXED),
        ("flask run --host=0.0.0.0 --port=5000", FIXED),
    ],
)
def test_a_command_that_nobody_reaches_is_warned_about(line: str, title: str, tmp_path: Path) -> None:
    """The loopback interface, also where it is what the server takes without an option, and fixed ports."""
    ((found, text),) = said(tmp_path, line)
    assert found == title
    assert text.startswith("Procfile, line 1 ")


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn app:app",
        "gunicorn -b 0.0.0.0:$PORT app:app",
        "gunicorn -b 0.0.0.0:${PORT:-8000} app:app",
        "hypercorn -b 0.0.0.0:$PORT app:app",
        "daphne -b 0.0.0.0 -p $PORT other:app",
        "daphne -b0.0.0.0 -p$PORT other:app",
        "daphne -p$PORT --bind=0.0.0.0 other:app",
        "hypercorn -b0.0.0.0:$PORT app:app",
        "python manage.py runserver 0.0.0.0:$PORT",
        "fastapi run app.py",
        "gunicorn -b 127.0.0.1:8000 app:app & nginx",
        "gunicorn -p 1 app:app",
        "gunicorn app:app --statsd-host localhost:8125",
    ],
)
def test_a_command_that_is_reached_is_passed_over(line: str, tmp_path: Path) -> None:
    """And so is a server behind another program of the line."""
    assert said(tmp_path, line) == []


UVICORN = "import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\n"
SOCKET_IO = "from flask import Flask\nfrom flask_socketio import SocketIO\napp = Flask('x')\nio = SocketIO(app)\n"


@pytest.mark.parametrize(
    ("source", "title", "words"),
    [
        (
            FLASK + "app.run(debug=True)\n",
            CLOSED,
            "app.py, line 4 starts Flask, which listens on 127.0.0.1 and on a port",
        ),
        (FLASK + "app.run('localhost', 5000)\n", CLOSED, "listens on localhost"),
        (
            FLASK + "import os\n    app.run(port=os.environ['PORT'])\n",
            CLOSED,
            "line 5 starts Flask, which listens on 127.0.0.1.",
        ),
        (FLASK + "app.run(host='0.0.0.0', port=5000)\n", PORT, "app.py, line 4"),
        (FLASK + "app.run('0.0.0.0')\n", PORT, "app.py, line 4"),
        (UVICORN + "uvicorn.run(app)\n", CLOSED, "app.py, line 4 starts uvicorn"),
        (UVICORN + "uvicorn.run('app:app', host='0.0.0.0', port=8000)\n", PORT, "app.py, line 4"),
        (SOCKET_IO + "io.run(app)\n", CLOSED, "line 5 starts Flask-SocketIO"),
        ("from bottle import route, run\nrun(port=8080)\n", CLOSED, "line 2 starts Bottle"),
        ("from wsgiref.simple_server import make_server\nmake_server('127.0.0.1', 80, 1)\n", CLOSED, "line 2"),
        ("from flask import Flask\ndef make():\n    return Flask('x')\napp = make()\napp.run()\n", CLOSED, "line 5"),
    ],
)
@pytest.mark.parametrize("line", ["python app.py", "cd . && exec python -u ./app.py", "python -m pkg"])
def test_a_file_that_listens_where_nobody_reaches_it_is_named(
    line: str, source: str, title: str, words: str, tmp_path: Path
) -> None:
    """With its line, and whatever way Python runs it."""
    ((found, text),) = said(tmp_path, line, source)
    assert found == title
    assert words.replace("app.py", "pkg/__main__.py" if "pkg" in line else "app.py") in text


@pytest.mark.parametrize(
    "start",
    [
        "import os; app.run(host='0.0.0.0', port=int(os.environ.get('PORT', 8080)))",
        "import os; app.run('0.0.0.0', os.environ['PORT'])",
        "import os; app.run(**{'host': '0.0.0.0', 'port': os.environ['PORT']})",
        "import os; HOST = os.environ['HOST']; app.run(HOST, int(os.environ['PORT']))",
        "print('no server')",
    ],
)
def test_a_file_that_is_reached_or_not_known_is_passed_over(start: str, tmp_path: Path) -> None:
    """PORT and any address that is computed."""
    assert said(tmp_path, "python app.py", FLASK + start + "\n") == []


def test_a_worker_may_listen_where_it_likes(tmp_path: Path) -> None:
    """Only the web process is for the platform's port."""
    assert said(tmp_path, "gunicorn app:app\nworker: python app.py", FLASK + "app.run()\n") == []
