"""Procfile lines whose server starts and cannot answer: by the interface of the app, or because it is a function."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

WRAPPER = "from asgiref.wsgi import WsgiToAsgi\n"
OTHER = "gunicorn does not speak the interface of app"
FILES = {
    "main.py": "from fastapi import FastAPI\napp = FastAPI()\ndef make():\n    return FastAPI()\n",
    "site/__init__.py": "",
    "site/web.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\napp = create_app()\n",
    "wrapped.py": f"{WRAPPER}from site.web import app as inner\napp = WsgiToAsgi(inner)\n",
    "twice.py": f"{WRAPPER}from flask import Flask\napp = Flask('x')\napp = WsgiToAsgi(app)\n",
    "inside.py": f"{WRAPPER}from flask import Flask\n"
    "def create():\n    app = Flask('x')\n    app = WsgiToAsgi(app)\n    return app\n",
    "adapted.py": "from inside import create\napp = create()\n",
    "core/asgi.py": "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n",
    "own.py": "from aiohttp import web\nimport dash\nimport tornado.web\n"
    "app = web.Application()\ntornado = tornado.web.Application()\ndash = dash.Dash()\n",
    "conf/computed.py": "import os\nfor name in os.environ:\n    locals()[name.lower()] = os.environ[name]\n",
    "conf/star.py": "from shared.gunicorn import *\n",
    "conf/g.py": "worker_class = 'uvicorn.workers.UvicornWorker'\n",
}
ALL = ("flask", "fastapi", "django", "gunicorn", "uvicorn", "waitress", "granian", "daphne", "hypercorn", "asgiref",
       "uvicorn-worker", "aiohttp", "tornado", "dash")  # fmt: skip


def said(folder: Path, line: str, *without: str, **more: str) -> list[tuple[str, str]]:
    for name, text in {**FILES, **more, "Procfile": f"web: {line}\n"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    plan = decide_processes(scan(folder), InstalledDistributions.declared({*ALL} - {*without}))
    return [(notice.title, notice.text) for notice in plan.notices]


@pytest.mark.parametrize(
    ("line", "title", "cure"),
    [
        (
            "gunicorn main:app",
            "gunicorn does not speak the interface of app",
            "for ASGI: requests would fail. Write:\n",
        ),
        ("gunicorn -w 4 -b 0.0.0.0:$PORT main:app", OTHER, "uvicorn_worker.UvicornWorker main:app"),
        ("gunicorn --worker-class=gthread main:app", OTHER, "main.py"),
        ("cd core && gunicorn asgi", "gunicorn does not speak the interface of application", "core/asgi.py"),
        ("waitress-serve --port=$PORT main:app", "waitress-serve does not speak the interface of app", "FastAPI"),
        ("granian main:app", "granian does not speak the interface of app", "serves RSGI"),
        ("uvicorn site.web:app", "uvicorn does not speak the interface of app", "for WSGI"),
        ("daphne -b 0.0.0.0 site.web:app", "daphne does not speak the interface of app", "gunicorn site.web:app"),
        (
            "gunicorn -kuvicorn_worker.UvicornWorker site.web:app",
            "gunicorn does not speak the interface of app",
            "ASGI",
        ),
        ("gunicorn site.web:create_app", "create_app is the function that makes the app", "'site.web:create_app()'"),
        ("waitress-serve site.web:create_app", "create_app is the function that makes the app", "does not call it"),
    ],
)
def test_a_server_that_cannot_answer_for_its_app_is_named(line: str, title: str, cure: str, tmp_path: Path) -> None:
    """The app's kind and interface, the server's interface in this line, and a command that is right."""
    ((found, text),) = said(tmp_path, line)
    assert found == title
    assert text.startswith("Procfile, line 1 ")
    assert cure in text


@pytest.mark.parametrize(
    "line",
    [
        "uvicorn main:app",
        "uvicorn main:make",
        "uvicorn wrapped:app",
        "uvicorn twice:app",
        "uvicorn adapted:app",
        "uvicorn --interface wsgi site.web:app",
        "gunicorn site.web:app",
        "gunicorn 'site.web:create_app()'",
        "waitress-serve --port=$PORT --call site.web:create_app",
        "gunicorn -k uvicorn.workers.UvicornWorker main:app",
        "gunicorn -c conf/g.py main:app",
        "gunicorn -c conf/star.py main:app",
        "gunicorn -cconf/g.py main:app",
        "gunicorn -c conf/computed.py main:app",
        "gunicorn -k $WORKER_CLASS main:app",
        "granian --interface=$INTERFACE main:app",
        "gunicorn -c python:settings main:app",
        'GUNICORN_CMD_ARGS="-k uvicorn.workers.UvicornWorker" gunicorn main:app',
        "granian --interface asgi main:app",
        "GRANIAN_INTERFACE=asgi granian main:app",
        "export UVICORN_INTERFACE=wsgi; uvicorn site.web:app",
        "hypercorn -b 0.0.0.0:$PORT site.web:app",
        "gunicorn site.web:app.wsgi_app",
        "gunicorn own:app",
        "gunicorn own:tornado",
        "gunicorn own:dash",
    ],
)
def test_what_may_be_right_is_left_alone(line: str, tmp_path: Path) -> None:
    """Options, configurations and wrappers decide; uvicorn finds out by itself what is a factory."""
    assert said(tmp_path, line) == []


@pytest.mark.parametrize("name", ["GUNICORN_CMD_ARGS", "BPE_GUNICORN_CMD_ARGS", "BPE_DEFAULT_GUNICORN_CMD_ARGS"])
def test_options_that_a_variable_gives_to_the_server_are_not_judged(name: str, tmp_path: Path) -> None:
    """The build's variables are the containers' on most platforms, and BPE_* are for them anyway."""
    assert said(tmp_path, "gunicorn main:app")
    project, installed = scan(tmp_path), InstalledDistributions.declared(ALL)
    assert decide_processes(project, installed, Settings({name: "-k uvicorn.workers.UvicornWorker"})).notices == ()


def test_without_a_server_for_the_app_one_is_named_to_add(tmp_path: Path) -> None:
    """The command that is shown needs what is not there yet."""
    ((_, text),) = said(tmp_path, "uvicorn site.web:app", *({*ALL} - {"flask", "uvicorn", "gunicorn"}))
    assert "Write:\n    gunicorn site.web:app" in text
    ((_, text),) = said(tmp_path, "gunicorn main:app", *({*ALL} - {"fastapi", "gunicorn"}))
    assert "gunicorn --worker-class asgi main:app" in text
    ((_, text),) = said(tmp_path, "waitress-serve main:app", *({*ALL} - {"fastapi", "waitress"}))
    assert "Add uvicorn to the dependencies, and write:\n    uvicorn main:app" in text


SOCKETS = "from flask import Flask\nfrom flask_sock import Sock\napp = Flask('x')\nsock = Sock(app)\n"


def of_sockets(folder: Path, line: str) -> list[str]:
    files = {"app.py": SOCKETS, "conf.py": "threads = 8\n", "Procfile": f"web: {line}\n"}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    installed = InstalledDistributions.declared({"flask", "flask-sock", "gunicorn", "gevent"})
    return [f"{notice.title}\n{notice.text}" for notice in decide_processes(scan(folder), installed).notices]


def test_gunicorns_usual_workers_are_no_good_for_websockets(tmp_path: Path) -> None:
    """Each connection would take a worker for itself: a class that is installed is named, unless there are threads."""
    (text,) = of_sockets(tmp_path, "gunicorn -w 2 app:app")
    assert text.startswith("Each WebSocket takes a worker of gunicorn\nProcfile, line 1 ")
    assert text.endswith("Write:\n    gunicorn --worker-class gevent -w 2 app:app")
    for line in ("gunicorn --threads 8 app:app", "gunicorn -k gevent app:app", "gunicorn -c conf.py app:app"):
        assert of_sockets(tmp_path, line) == []
