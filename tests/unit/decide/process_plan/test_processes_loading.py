"""Procfile lines that load what is not there: said while building, with where it is, if it is somewhere."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"
WSGI = "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
FILES = {
    "app.py": APP,
    "run.sh": "#!/bin/sh\n",
    "my-app.py": APP,
    "star.py": "from app import *\n",
    "pkg/__init__.py": "from starlette.applications import Starlette\napp = Starlette()\n",
    "pkg/web.py": APP,
    "src/inner/wsgi.py": APP,
    "one/wsgi_one/x.py": APP,
    "backend/manage.py": "import django\n",
    "backend/portal/__init__.py": "",
    "backend/portal/wsgi.py": WSGI,
    "a/twice/wsgi.py": WSGI,
    "b/twice/wsgi.py": WSGI,
    "tests/portal/wsgi.py": WSGI,
}
ALL = (
    *("flask", "gunicorn", "uvicorn", "django", "python-dotenv", "streamlit", "waitress", "hypercorn"),
    *("granian", "gradio", "uwsgi"),
)


def plan_of(folder: Path, line: str, *distributions: str, **more: str) -> ProcessPlan:
    for name, text in {**FILES, **more, "Procfile": f"web: {line}\n"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return decide_processes(scan(folder), InstalledDistributions.declared({*ALL, *distributions}))


GOOD = [
    "gunicorn app:app",
    "gunicorn -w 4 --preload -b 0.0.0.0:$PORT app:app --threads 2",
    "gunicorn --bind unix:app.sock app:app",
    "gunicorn 'pkg.web:app'",
    "gunicorn my-app:app",
    "gunicorn star:anything",
    "gunicorn --chdir backend portal.wsgi",
    "pushd backend && gunicorn portal.wsgi",
    "pushd backend; popd; gunicorn app:app",
    "(cd backend && python -V) && gunicorn app:app",
    "env --chdir=backend gunicorn portal.wsgi",
    "env -C backend gunicorn portal.wsgi",
    "if true; then cd nowhere; fi; gunicorn app:app",
    "gunicorn --pythonpath=backend portal.wsgi:application",
    "uvicorn --app-dir backend portal.wsgi:application",
    "cd backend && gunicorn portal.wsgi",
    "cd backend && python manage.py migrate && gunicorn portal.wsgi",
    "PYTHONPATH=backend gunicorn portal.wsgi",
    "cd $WHERE && gunicorn nothing:app",
    "python -m pkg.web",
    "python -u app.py",
    "python -m http.server 80",
    "python -m dotenv run python app.py",
    "python -m flask run",
    "python -m gunicorn app:app",
    "python -c 'print(1)'",
    "streamlit run app.py --server.port 80",
    "bash run.sh",
    "$HOME/start.sh",
    ".heroku/start.sh",
    "bash -c 'gunicorn app:app'",
    "gunicorn -c python:app app:app",
    "granian --working-dir backend portal.wsgi:application",
    "python -m waitress --listen=*:80 app:app",
    "uwsgi settings.ini:production",
]


@pytest.mark.parametrize("line", GOOD)
def test_what_is_there_is_not_said_to_be_missing(line: str, tmp_path: Path) -> None:
    """Options with values, folders that the line names, Python's own modules and those of distributions."""
    assert [notice for notice in plan_of(tmp_path, line).notices if "There is no" in notice.title] == []
    assert [notice for notice in plan_of(tmp_path, line).notices if " has no " in notice.title] == []


MISSING = {
    "gunicorn ap:app": ("There is no module ap", "Is app meant?"),
    "gunicorn -k sync pkg.wbe:app": ("There is no module pkg.wbe", "Is pkg.web meant?"),
    "python -m gunicorn nothing:app": ("There is no module nothing", "Correct the name"),
    "python -m pkg.nothing": ("There is no module pkg.nothing", "starts python"),
    "waitress-serve --port 80 nothing:app": ("There is no module nothing", "starts waitress-serve"),
    "python -m waitress --listen=*:80 nothing:app": ("There is no module nothing", "starts waitress"),
    "gradio web.py": ("There is no file web.py", "Is pkg/web.py meant?"),
    "cd pkg && uvicorn app:app": ("There is no module app", "in pkg"),
    "bash -c 'gunicorn nothing:app'": ("There is no module nothing", "line 1"),
    "gunicorn twice.wsgi": ("There is no module twice.wsgi", "some in a, b: write"),
    "hypercorn portal.wsgi:application": ("There is no module portal.wsgi", "'cd backend &&' before hypercorn"),
    "python apq.py": ("There is no file apq.py", "Is app.py meant?"),
    "python manage.py runserver 0.0.0.0:$PORT": ("There is no file manage.py", "Is backend/manage.py meant?"),
    "streamlit run web.py": ("There is no file web.py", "Is pkg/web.py meant?"),
    "./begin.sh": ("There is no file begin.sh", "line 1"),
    "sh begin.sh": ("There is no file begin.sh", "line 1"),
    "gunicorn app:server": ("app.py has no server", "It has app."),
    "gunicorn app": ("app.py has no application", "It has app."),
    "gunicorn 'app:create_app()'": ("app.py has no create_app", "It has app."),
    "./run.sh": (
        "run.sh is not executable",
        "git update-index --chmod=+x run.sh' (or chmod +x), or write 'bash run.sh'",
    ),
    "./app.py": ("app.py is not executable", "or write 'python app.py'"),
}


@pytest.mark.parametrize(("line", "said"), MISSING.items())
def test_what_is_missing_is_said_with_what_may_be_meant(line: str, said: tuple[str, str], tmp_path: Path) -> None:
    """The module, the name in it or the file, with the line of the Procfile."""
    plan = plan_of(tmp_path, line)
    (text,) = [notice.text for notice in plan.notices if notice.title == said[0]]
    assert text.startswith("Procfile, line 1 starts ")
    assert said[1] in text
    assert line.rsplit(maxsplit=1)[-1].strip("'") in plan.processes[0].command[-1]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("gunicorn portal.wsgi", "gunicorn --chdir backend portal.wsgi"),
        ("gunicorn -w 2 portal.wsgi:application", "gunicorn --chdir backend -w 2 portal.wsgi:application"),
        (
            "uvicorn --interface wsgi portal.wsgi:application",
            "uvicorn --app-dir backend --interface wsgi portal.wsgi:application",
        ),
        (
            "granian --interface=wsgi portal.wsgi:application",
            "granian --working-dir backend --interface=wsgi portal.wsgi:application",
        ),
        ("cd pkg && gunicorn portal.wsgi", "sh -c 'cd pkg && exec gunicorn --chdir ../backend portal.wsgi'"),
    ],
)
def test_a_module_of_one_other_folder_is_found_there(line: str, command: str, tmp_path: Path) -> None:
    """A root Procfile that starts a project of a subfolder; tests do not count."""
    plan = plan_of(tmp_path, line)
    assert plan.processes[0].line == command
    assert [notice.title for notice in plan.notices] == ["The module portal.wsgi is in backend"]


def test_a_package_that_is_installed_is_where_the_environment_has_it(tmp_path: Path) -> None:
    """A src layout is importable if the app itself is installed, and else found like any other folder."""
    pyproject = {"pyproject.toml": "[project]\nname = 'outer'\n"}
    assert plan_of(tmp_path, "gunicorn inner.wsgi:app", "outer", **pyproject).notices == ()
    plan = plan_of(tmp_path, "gunicorn inner.wsgi:app", **pyproject)
    assert plan.processes[0].command == ("gunicorn", "--chdir", "src", "inner.wsgi:app")


@pytest.mark.parametrize(
    ("text", "mode", "title"),
    [
        ("#!/bin/sh\r\nexec true\r\n", 0o755, "run.sh has Windows line ends"),
        ("exec true\n", 0o755, "run.sh does not say what runs it"),
        ("#!/bin/sh\n", 0o755, ""),
    ],
)
def test_a_script_that_cannot_be_executed_is_named(text: str, mode: int, title: str, tmp_path: Path) -> None:
    """Its line ends and its first line matter as much as its mode."""
    plan_of(tmp_path, "./run.sh", **{"run.sh": text})
    (tmp_path / "run.sh").chmod(mode)
    plan = decide_processes(scan(tmp_path), InstalledDistributions.declared(ALL))
    assert [notice.title for notice in plan.notices] == [title] * bool(title)


@pytest.mark.parametrize(
    ("line", "distribution"),
    [
        ("gunicorn -k gevent app:app", "gevent"),
        ("gunicorn -keventlet app:app", "eventlet"),
        ("gunicorn --worker-class=gevent_pywsgi app:app -b :$PORT", "gevent"),
        ("gunicorn --worker-class gunicorn.workers.ggevent.GeventWorker app:app", "gevent"),
        ("gunicorn -k uvicorn_worker.UvicornWorker pkg:app", "uvicorn-worker"),
        ("gunicorn -k aiohttp.GunicornWebWorker app:app", "aiohttp"),
        ("gunicorn -c conf.py app:app", "tornado"),
    ],
)
def test_a_class_of_workers_whose_package_is_missing_is_named(line: str, distribution: str, tmp_path: Path) -> None:
    """In the line or in gunicorn's configuration; once it is installed, nothing is said."""
    conf = {"conf.py": "worker_class = 'tornado'\n"}
    assert [notice.title for notice in plan_of(tmp_path, line, **conf).notices] == [f"{distribution} is not installed"]
    assert plan_of(tmp_path, line, distribution, **conf).notices == ()


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn -k uvicorn.workers.UvicornWorker pkg:app",
        "gunicorn -k gthread app:app",
        "gunicorn -k geventwebsocket.gunicorn.workers.GeventWebSocketWorker app:app",
    ],
)
def test_classes_of_workers_that_are_there_are_passed_over(line: str, tmp_path: Path) -> None:
    """Gunicorn's own, and those of what is installed, whose name may have a hyphen more."""
    assert plan_of(tmp_path, line, "gevent-websocket").notices == ()


@pytest.mark.parametrize(
    "line",
    [
        "granian --working-dir backend portl.wsgi:app",
        "gunicorn --chdir backend portl.wsgi",
        "cd backend && gunicorn portl.wsgi",
    ],
)
def test_the_folder_that_was_searched_is_the_one_of_the_command(line: str, tmp_path: Path) -> None:
    """A module that the command looks for elsewhere is not said to be missing in the app directory."""
    (notice,) = plan_of(tmp_path, line).notices
    assert "neither among the app's files in backend nor" in notice.text


@pytest.mark.parametrize(
    ("line", "configuration"),
    [
        ("gunicorn inner.wsgi:app", 'pythonpath = "src"\n'),
        ("gunicorn inner.wsgi:app", 'chdir = "src"\n'),
        ("gunicorn --chdir $WHERE inner.wsgi:app", ""),
        ("uvicorn --app-dir $WHERE inner.wsgi:app", ""),
        ("granian --working-dir=$WHERE inner.wsgi:app", ""),
    ],
)
def test_no_folder_is_added_where_a_server_looks_in_another_place(
    line: str, configuration: str, tmp_path: Path
) -> None:
    """Another working directory would change where the app finds its files."""
    plan = plan_of(tmp_path, line, **{"gunicorn.conf.py": configuration})
    assert "chdir src" not in " ".join(plan.processes[0].command)
    assert not any("no module" in notice.title or "is in src" in notice.title for notice in plan.notices)
