"""Procfile lines with files of settings, with paths of other machines, and with programs that no package brings."""

import json
from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.process_plan.listening import CLOSED
from python_buildpack.decide.process_plan.reached import FIXED_PORT
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.installed.distributions import InstalledDistributions

APP = "from flask import Flask\napp = Flask(__name__)\n"
FAST = "from fastapi import FastAPI\napp = FastAPI()\n"
INSTALLED = ("flask", "fastapi", "gunicorn", "honcho", "daphne", "hypercorn")


def planned(folder: Path, line: str, *installed: str, **files: str) -> ProcessPlan:
    """Return the plan of an app with app.py, api.py, a Procfile of one line and ``files`` (``conf__py``)."""
    own = {name.replace("__", "."): text for name, text in files.items()}
    for name, text in {"app.py": APP, "api.py": FAST, "Procfile": f"web: {line}\n", **own}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return decide_processes(scan(folder), InstalledDistributions.declared(installed or INSTALLED))


def titles(plan: ProcessPlan) -> list[str]:
    return [notice.title for notice in plan.notices]


@pytest.mark.parametrize(
    ("line", "configuration", "title"),
    [
        ("gunicorn -c conf.py", 'wsgi_app = "app:app"', None),
        ("gunicorn -c conf.py", 'wsgi_app = "nope:app"', "There is no module nope"),
        ("gunicorn -c python:conf", 'wsgi_app = "app:nope"', "app.py has no nope"),
        ("gunicorn --config conf.py", "workers = 2", "gunicorn is given no app"),
        ("gunicorn --config conf.py", "from shared import *", None),
        ("gunicorn --workers 4", "", "gunicorn is given no app"),
        ("gunicorn --version", "", None),
        ("gunicorn --paste site.ini", "", "There is no file site.ini"),
        ("gunicorn --paste=site.ini", "", "There is no file site.ini"),
        ("gunicorn $APP", "", None),
        ("GUNICORN_CMD_ARGS=app:app gunicorn", "", None),
        ("gunicorn -c python:conf app:app", 'bind = "127.0.0.1:5000"', "gunicorn does not listen on PORT"),
        ("gunicorn -c conf/prod.py app:app", "", "There is no file conf/prod.py"),
        ("gunicorn --log-config logging.ini app:app", "", "There is no file logging.ini"),
        ("gunicorn -c $CONF app:app", "", None),
        ("cp conf.py made.py && gunicorn -c made.py app:app", "", None),
        ("python conf.py && gunicorn -c made.py app:app", "open('made.py', 'w').write('')", None),
        ("daphne -p$PORT -b0.0.0.0 api:app", "", None),
        ("daphne -b 0.0.0.0 api:app", "", "The web process listens on a port of its own"),
        ("hypercorn -b0.0.0.0:$PORT api:app", "", None),
        ("hypercorn --root-path /a-b api:app", "", CLOSED),
        ("gunicorn -c /etc/gunicorn.py app:app", "", None),
        ("gunicorn --paste conf.ini", "", "There is no file conf.ini"),
        ("gunicorn --paster=conf.py", "", None),
        ("gunicorn -w 2 --paste conf.py", "", None),
        ("gunicorn -cconf.py app:app", "", None),
        ("envsubst < app.tmpl > made.py && gunicorn -c made.py app:app", "", None),
        ("python conf.py && gunicorn -c made.py app:app", "open('made.py', 'w')", None),
        ("python conf.py && gunicorn -c made.py app:app", "", "There is no file made.py"),
        ("python app.py --config x.yaml", "", "The process ends as soon as it has started"),
    ],
)
def test_the_settings_of_a_server_are_looked_for(
    tmp_path: Path, line: str, configuration: str, title: str | None
) -> None:
    """The file that a line names, and the app that gunicorn's file names; what a variable decides is left alone."""
    assert titles(planned(tmp_path, line, conf__py=f"{configuration}\n")) == ([title] if title else [])


@pytest.mark.parametrize(
    ("script", "title"),
    [
        ("if test -n $X; then cat > made.py <<EOF\nworkers = 2\nEOF\nfi\nexec gunicorn -c made.py app:app\n", None),
        ("exec gunicorn -c made.py app:app\n", "There is no file made.py"),
    ],
)
def test_a_file_that_the_script_writes_is_there(tmp_path: Path, script: str, title: str | None) -> None:
    """A script may write the settings of its server, under a condition too."""
    assert titles(planned(tmp_path, "sh start.sh", start__sh=script)) == ([title] if title else [])


def test_a_hook_may_write_the_settings_of_a_server(tmp_path: Path) -> None:
    """Nothing is said of a missing file before bin/post_compile has run."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/post_compile").write_text("echo workers=1 > made.py\n", encoding="utf-8")
    assert titles(planned(tmp_path, "gunicorn -c made.py app:app")) == []


@pytest.mark.parametrize(
    ("line", "installed", "said"),
    [
        ("uvicorn app:app", ("flask", "gunicorn"), "uvicorn does not speak the interface of app"),
        ("daphne app:app", ("flask", "gunicorn"), "daphne does not speak the interface of app"),
        ("gunicorn -b 127.0.0.1:5000 api:app", ("fastapi", "uvicorn"), "gunicorn does not speak the interface of app"),
        ("gunicorn -k uvicorn.workers.UvicornWorker app:app", ("flask", "gunicorn"), "gunicorn does not speak the "
         "interface of app"),
        ("uvicorn api:app", ("fastapi",), "uvicorn is not installed"),
    ],
)  # fmt: skip
def test_a_line_has_one_cure(tmp_path: Path, line: str, installed: tuple[str, ...], said: str) -> None:
    """Where another server has to be written, nothing is said of the package or the port of the one in the line."""
    assert titles(planned(tmp_path, line, *installed)) == [said]
    plan = planned(tmp_path, "bash start.sh", *installed, start__sh=f"#!/bin/bash\n{line}\n")
    assert titles(plan) == [said]


@pytest.mark.parametrize(
    ("line", "started"),
    [
        ("/usr/local/bin/gunicorn app:app", "gunicorn app:app"),
        ("~/.local/bin/gunicorn app:app", "gunicorn app:app"),
        ("/home/me/.pyenv/shims/gunicorn app:app", "gunicorn app:app"),
        ("A=b /usr/bin/env /usr/bin/python3 -m gunicorn app:app", "A=b /usr/bin/env python3 -m gunicorn app:app"),
        ("cd . && exec /opt/conda/bin/python -m gunicorn app:app", "cd . && exec python -m gunicorn app:app"),
    ],
)
def test_the_path_of_another_machine_is_left_out(tmp_path: Path, line: str, started: str) -> None:
    """The environment's program of that name is on PATH, and what is started is said."""
    plan = planned(tmp_path, line)
    assert started.rpartition("A=b ")[2].rpartition("exec ")[2] in " ".join(plan.processes[0].command)
    (notice,) = plan.notices
    assert "is not in the app's environment" in notice.title
    assert f"The image starts '{started}'" in notice.text


@pytest.mark.parametrize(
    "line", ["/usr/bin/nginx -g x", "/layers/x/bin/gunicorn app:app", "/usr/bin/python3.9 -m flask", "bin/python3 x"]
)
def test_other_paths_stay(tmp_path: Path, line: str) -> None:
    """A program that no installed package brings, one of another buildpack, and a Python of one version."""
    assert " ".join(planned(tmp_path, line).processes[0].command) == line


def test_what_a_tool_would_start_is_named(tmp_path: Path) -> None:
    """A line of a justfile, and a script of package.json that is a program of Python."""
    (notice,) = planned(tmp_path, "just run", justfile="run:\n    gunicorn app:app\n").notices
    assert "for run, justfile has 'gunicorn app:app'" in notice.text
    package = json.dumps({"scripts": {"start": "gunicorn app:app", "node": "node server.js"}})
    for line in ("npm start", "npm run start", "yarn start"):
        (notice,) = planned(tmp_path, line, package__json=package).notices
        assert "write 'gunicorn app:app' in the line" in notice.text
    assert titles(planned(tmp_path, "npm run node", package__json=package)) == []
    assert titles(planned(tmp_path, "npm start", package__json="[")) == []
    (tmp_path / "package.json").unlink()
    (notice,) = planned(tmp_path, "npm start").notices
    assert "the app has no package.json" in notice.text


def test_a_line_that_starts_its_own_procfile_is_named(tmp_path: Path) -> None:
    """Without a file or with its own name, honcho would start itself."""
    assert titles(planned(tmp_path, "honcho start")) == ["honcho would start itself"]
    assert titles(planned(tmp_path, "honcho start web")) == ["honcho would start itself"]
    assert titles(planned(tmp_path, "honcho start -f $FILE")) == []
    assert titles(planned(tmp_path, "honcho start worker")) == []


@pytest.mark.parametrize(
    ("line", "file", "text", "title"),
    [
        ("hypercorn -c hyper.toml api:app", "hyper__toml", 'bind = "127.0.0.1:5000"', CLOSED),
        ("hypercorn --config=file:hyper.py api:app", "hyper__py", "bind = ['0.0.0.0:5000']", FIXED_PORT),
        ("hypercorn -c hyper.toml api:app", "hyper__toml", "workers = 2", CLOSED),
        ("hypercorn -c hyper.py api:app", "hyper__py", "workers = 2", None),
        ("hypercorn -c hyper.toml --bind 0.0.0.0:$PORT api:app", "hyper__toml", 'bind = "127.0.0.1:5000"', None),
        ("hypercorn -c hyper.toml api:app", "hyper__toml", 'bind = ["0.0.0.0:5000", "0.0.0.0:80"]', None),
        (
            "hypercorn -c file:hyper.py api:app",
            "hyper__py",
            "import os\nbind = f'0.0.0.0:{os.environ[\"PORT\"]}'",
            None,
        ),
        ("uwsgi uwsgi.ini", "uwsgi__ini", "[uwsgi]\nhttp-socket = :5000 ; here\nmodule = app:app", FIXED_PORT),
        ("uwsgi --ini uwsgi.ini", "uwsgi__ini", "[uwsgi]\nhttp = 127.0.0.1:5000\n", CLOSED),
        ("uwsgi uwsgi.ini", "uwsgi__ini", "[uwsgi]\nhttp-socket = :$(PORT)\nmodule = app:app", None),
    ],
)
def test_where_a_server_listens_by_its_file(tmp_path: Path, line: str, file: str, text: str, title: str | None) -> None:
    """One address that is written out, unless the line gives another one."""
    plan = planned(tmp_path, line, *INSTALLED, "uwsgi", **{file: f"{text}\n"})
    assert titles(plan) == ([title] if title else [])


@pytest.mark.parametrize(
    ("line", "file", "text", "title"),
    [
        ("honcho start -f Procfile.all", "Procfile__all", "web: gunicorn nope:app", "There is no module nope"),
        ("honcho start -f Procfile.all", "Procfile__all", "web: gunicorn -b :80 app:app", FIXED_PORT),
        ("honcho start -f Procfile.all", "Procfile__all", "web: gunicorn app:app\na: gunicorn -b :80 app:app", None),
        (
            "supervisord -n",
            "supervisord__conf",
            "[program:w]\ncommand = gunicorn app:nope ; here",
            "app.py has no nope",
        ),
        ("supervisord -c s.conf", "s__conf", "[supervisord]\ncommand=x\n[program:w]\ncommand=gunicorn app:app", None),
        ("honcho start -f Procfile.dev", "other", "", "There is no file Procfile.dev"),
        ("supervisord -c etc/s.conf", "other", "", "There is no file etc/s.conf"),
        ("supervisord -c /etc/s.conf", "other", "", None),
        ("circusd c.ini", "c__ini", "[watcher:w]\ncmd = gunicorn nope:app", "There is no module nope"),
    ],
)
def test_what_a_process_manager_starts(tmp_path: Path, line: str, file: str, text: str, title: str | None) -> None:
    """Its commands are looked at as the lines of a script are; of several nobody knows which one is to be reached."""
    plan = planned(tmp_path, line, *INSTALLED, "supervisor", "circus", **{file: f"{text}\n"})
    assert titles(plan) == ([title] if title else [])
