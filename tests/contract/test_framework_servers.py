"""Every framework under every server that can serve it: found, started by the launcher, answering, and ended."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from built_apps import built
from devkit.free_port import find_free_port
from devkit.interpreters import Source
from devkit.lifecycle import Request, build, launch
from devkit.pack.commands import PlatformUnavailable
from devkit.pack.debian import install_missing
from devkit.paths import CHECKOUT
from manager_context import write_app
from python_buildpack.settings.launch import GUNICORN_CMD_ARGS, SECONDS_TO_END
from served_apps import (
    AIOHTTP,
    ASGI_APPS,
    BOTTLE,
    DASH,
    DJANGO_ASGI,
    DJANGO_WSGI,
    FASTAPI,
    FLASK,
    FLASK_FACTORY,
    LITESTAR,
    QUART,
    SANIC,
    STARLETTE,
    TORNADO,
    WSGI_APPS,
    WebApp,
)
from shared_environment import GRACE, Environment
from worker_apps import BEAT, WORKERS, WorkerApp

REQUIREMENTS = """
aiohttp\nbottle\ndaphne\ndash\ndjango\nfalcon\nfastapi\nfastapi[standard]\nflask\ngranian\ngunicorn\nhypercorn\n
litestar\npyuwsgi\nquart\nsanic\nstarlette\ntornado\nuvicorn\nuvicorn-worker\nwaitress\n
arq\ncelery\ndramatiq\nhuey\nrq
"""
WSGI_SERVERS = {
    "gunicorn": "gunicorn ",
    "granian": "granian ",
    "pyuwsgi": "uwsgi ",
    "waitress": "waitress-serve ",
    "hypercorn": "hypercorn ",
    "uvicorn": "uvicorn ",
}
"""Distribution → what the command then has."""
ASGI_SERVERS = {
    "gunicorn uvicorn-worker": "uvicorn_worker.UvicornWorker",
    "gunicorn": "--worker-class asgi",
    "granian": "granian ",
    "uvicorn": "uvicorn ",
    "hypercorn": "hypercorn ",
    "daphne": "daphne ",
}
OWN = {
    DJANGO_WSGI: "manage.py runserver",
    DJANGO_ASGI: "manage.py runserver",
    FLASK: "flask run",
    FLASK_FACTORY: "flask run",
    BOTTLE: "-m bottle",
    DASH: "app.run(",
    AIOHTTP: "web.run_app(",
    SANIC: "sanic server:app",
    TORNADO: "python main.py",
}
"""What serves an app that has no other server."""
PROGRAM = "redis-check-rdb"
PAIRS = [
    *((app, server, word) for app in WSGI_APPS for server, word in WSGI_SERVERS.items()),
    # Quart brings hypercorn along, which then has precedence over these two.
    *(
        (app, server, word)
        for app in ASGI_APPS
        for server, word in ASGI_SERVERS.items()
        if app != QUART or server not in {"daphne", "gunicorn"}
    ),
    *((app, "", word) for app, word in OWN.items()),
    (QUART, "", "hypercorn "),
    (AIOHTTP, "gunicorn", "aiohttp.GunicornWebWorker"),
    (FASTAPI, "fastapi[standard]", "uvicorn app.main:app"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Environment:
    """Return an image with all of these frameworks and servers."""
    folder = tmp_path_factory.mktemp("servers")
    app = write_app(folder / "app", {"requirements.txt": REQUIREMENTS, **FLASK.files})
    built(build(Request((CHECKOUT,), app, folder / "state", env={"BP_PYTHON_INVENTORY": str(mirror.inventory)})))
    return Environment(folder / "state")


@pytest.mark.parametrize(
    ("app", "servers", "word"),
    PAIRS,
    ids=[f"{app.name}-{server.replace(' ', '+') or 'own'}" for app, server, _ in PAIRS],
)
def test_it_answers_on_port_and_ends_on_sigterm(
    app: WebApp, servers: str, word: str, environment: Environment, tmp_path: Path
) -> None:
    """The server that is installed is the one started; it listens on PORT; as process 1 it obeys SIGTERM."""
    folder = write_app(tmp_path, app.files)
    decision = environment.decide(folder, app.requirement, *servers.split())["web"]
    assert word in " ".join(decision.command)
    # With workers of their own, where apps start quickly: these have to end too.
    workers = "2" if app in {FLASK, STARLETTE} else "1"
    with environment.started(decision, folder, WEB_CONCURRENCY=workers) as first:
        answer = first.running.wait_for_http(first.port)
        first.remove_installer_files()
        assert (answer.status, first.stop()) in {(200, 0), (200, 143)}, first.log


BROKEN = {
    "main.py": "import os\nfrom starlette.applications import Starlette\nKEY = os.environ['KEY']\napp = Starlette()\n"
}


@pytest.mark.parametrize("server", ["uvicorn", "hypercorn"])
@pytest.mark.parametrize("line", ["", "web: {} main:app --log-level $LEVEL\n"], ids=["detected", "in a Procfile"])
def test_a_server_whose_app_cannot_be_imported_ends_with_the_reason(
    server: str, line: str, environment: Environment, tmp_path: Path
) -> None:
    """With several workers, uvicorn itself would stay up and hypercorn end with status 0."""
    folder = write_app(tmp_path, {**BROKEN, **({"Procfile": line.format(server)} if line else {})})
    decision = environment.decide(folder, "starlette", server)["web"]
    assert "import_module" not in decision.line
    with environment.started(decision, folder, WEB_CONCURRENCY="2", LEVEL="info") as first:
        assert first.running.wait() == 1
        assert "KeyError: 'KEY'" in first.log
        assert first.log.rstrip().endswith(f"{server} is not started, because main cannot be imported: "
                                           "the reason is above.")  # fmt: skip


def test_a_server_obeys_sigterm_while_its_app_is_imported_first(environment: Environment, tmp_path: Path) -> None:
    """As process 1, which signals without a handler do not reach."""
    slow = BROKEN["main.py"].replace(
        "KEY = os.environ['KEY']", "import time; print('importing', flush=True); time.sleep(60)"
    )
    folder = write_app(tmp_path, {"main.py": slow})
    decision = environment.decide(folder, "starlette", "uvicorn")["web"]
    with environment.started(decision, folder, WEB_CONCURRENCY="2") as first:
        first.wait_for_line("importing")
        assert first.stop() == 143


COMMANDS = (
    (FASTAPI, "fastapi[standard]", "fastapi run app/main.py", {0, 143}),
    (LITESTAR, "uvicorn", "litestar --app app:app run", {0, 143}),
    # Quart's own is for development, and says 3 when it is ended.
    (QUART, "quart", "quart --app main:service run", {3}),
)
"""Servers of frameworks that are never chosen, since the server inside of them is started without them."""


@pytest.mark.parametrize(("app", "requirement", "line", "ends"), COMMANDS, ids=[row[2] for row in COMMANDS])
def test_what_a_procfile_starts_answers_on_port(
    app: WebApp, requirement: str, line: str, ends: set[int], environment: Environment, tmp_path: Path
) -> None:
    """The command of a framework needs no option: PORT and the address reach it by the variables."""
    folder = write_app(tmp_path, {**app.files, "Procfile": f"web: {line}\n"})
    decision = environment.decide(folder, app.requirement, requirement)["web"]
    assert decision.line == line
    with environment.started(decision, folder, HOME=str(tmp_path)) as first:
        assert first.running.wait_for_http(first.port).status == 200
        first.remove_installer_files()
        assert first.stop() in ends, first.log


AT_ONCE = [
    # Not uWSGI, which loses the signal before its last worker, nor Sanic, which hears it when all are there.
    # As many workers as the helper chooses for two CPUs, and for eight.
    *((app, server, "5") for app, server in (
        (FLASK, "gunicorn"),
        (FLASK, "waitress"),
        (STARLETTE, "uvicorn"),
        (STARLETTE, "hypercorn"),
        (STARLETTE, "gunicorn uvicorn-worker"),
        (STARLETTE, "daphne"),
        (AIOHTTP, "gunicorn"),
        (STARLETTE, "granian"),
        (BOTTLE, ""),
    )),
    (FLASK, "gunicorn", "17"),
    (FLASK, "granian", "17"),
    (STARLETTE, "gunicorn", "17"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("app", "servers", "workers"),
    AT_ONCE,
    ids=[f"{app.name}-{servers.replace(' ', '+') or 'own'}-{workers}" for app, servers, workers in AT_ONCE],
)
def test_sigterm_at_the_first_answer_ends_it(
    app: WebApp, servers: str, workers: str, environment: Environment, tmp_path: Path
) -> None:
    """While most of its workers still start, a server obeys SIGTERM within the 30 seconds that platforms give it.

    Granian and gunicorn wait for as long as their options say for workers that have not heard it: SECONDS_TO_END in an
    image, 3 seconds here.
    """
    folder = write_app(tmp_path, app.files)
    decision = environment.decide(folder, app.requirement, *servers.split())["web"]
    options = GUNICORN_CMD_ARGS.default.replace(f"--graceful-timeout {SECONDS_TO_END}", "--graceful-timeout 3")
    assert options != GUNICORN_CMD_ARGS.default
    variables = {"GRANIAN_WORKERS_KILL_TIMEOUT": "3", "GUNICORN_CMD_ARGS": f"{options} --control-socket {tmp_path}/ctl"}
    assert SECONDS_TO_END < GRACE
    with environment.started(decision, folder, WEB_CONCURRENCY=workers, GRANIAN_WORKERS=workers, **variables) as first:
        assert first.running.wait_for_http(first.port, timeout=60).status == 200
        assert first.stop() in {0, 143}, first.log


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a Redis server of our own, from Debian's package for its tools, which starts no service."""
    try:
        install_missing({PROGRAM: "redis-tools"})
    except PlatformUnavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Redis: {reason}")
    port, folder = find_free_port(), tmp_path_factory.mktemp("redis")
    # One program under several names: what it is called decides what it does.
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    argv = ["redis-server", *options]
    server = subprocess.Popen(argv, executable=shutil.which(PROGRAM), stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("app", [*WORKERS, BEAT], ids=lambda app: app.name)
def test_a_worker_starts_and_ends_on_sigterm(
    app: WorkerApp, environment: Environment, redis: str, tmp_path: Path
) -> None:
    """Each task queue's worker reaches its broker and says that it is ready; as process 1 it obeys SIGTERM."""
    folder = write_app(tmp_path, app.files)
    decision = environment.decide(folder, *app.requirements.split())[app.type]
    assert app.word in " ".join(decision.command)
    with environment.started(decision, folder, REDIS_URL=redis) as worker:
        worker.wait_for_line(app.ready)
        worker.remove_installer_files()
        assert worker.stop() in {0, 143}, worker.log


@pytest.mark.parametrize("app", [FLASK, DJANGO_WSGI, FASTAPI], ids=lambda app: app.name)
def test_a_whole_build_finds_the_process_and_it_answers(
    app: WebApp, environment: Environment, mirror: Source, tmp_path: Path
) -> None:
    """From the source to the default process of the image, with no run command; the packages are reused."""
    source = write_app(tmp_path, {"requirements.txt": REQUIREMENTS, **app.files})
    # Running Django in the build would put all of these packages on disk again; test_collectstatic.py has that.
    variables = {"BP_PYTHON_INVENTORY": str(mirror.inventory), "DISABLE_COLLECTSTATIC": "1"}
    result = built(build(Request((CHECKOUT,), source, environment.state, env=variables)))
    assert result.default_process == "web"
    port = find_free_port()
    with launch(environment.state, env={"PORT": str(port), "WEB_CONCURRENCY": "1"}) as running:
        assert running.wait_for_http(port).status == 200
        assert running.terminate() in {0, -15, 143}
