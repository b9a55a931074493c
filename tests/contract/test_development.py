"""Images for development: live reload and the debugger, built by the local lifecycle and started."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from built_apps import built, outcomes
from devkit.free_port import find_free_port
from devkit.interpreters import Source
from devkit.lifecycle import launch
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built
from devkit.lifecycle.running import Running
from devkit.paths import CHECKOUT
from manager_context import write_app
from python_buildpack.decide.development import decide_development
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.settings.values import Settings
from served_apps import DJANGO_WSGI, FLASK, WebApp
from shared_environment import Environment

APP = """
import importlib.util, os
from flask import Flask
app = Flask(__name__)

@app.get("/")
def hello():
    return "first text"

@app.get("/seen")
def seen():
    found = [name for name in ("watchfiles", "anyio", "debugpy") if importlib.util.find_spec(name)]
    return {"found": found, "path": os.environ.get("PYTHONPATH"), "workers": os.environ["WEB_CONCURRENCY"]}
"""
BOTH = {"BP_LIVE_RELOAD_ENABLED": "true", "BP_DEBUG_ENABLED": "true"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a Flask app with gunicorn, and of the state of its builds."""
    folder = tmp_path_factory.mktemp("development")
    (folder / "app" / "templates").mkdir(parents=True)
    (folder / "app" / "app.py").write_text(APP, encoding="utf-8")
    (folder / "app" / "requirements.txt").write_text(
        "flask\ngunicorn\ndjango\ngranian\nhypercorn\nuvicorn\nwaitress\n", encoding="utf-8"
    )
    return folder


def attempt(folder: Path, mirror: Source, env: dict[str, str]) -> Built:
    variables = {"BP_PYTHON_INVENTORY": str(mirror.inventory), **env}
    return built(build(Request((CHECKOUT,), folder / "app", folder / "state", env=variables)))


@pytest.fixture(scope="module")
def image(folder: Path, mirror: Source) -> Built:
    """Return what the build with both settings gave."""
    return attempt(folder, mirror, BOTH)


@pytest.fixture
def source(folder: Path, image: Built) -> Iterator[Path]:
    """Yield the source file in the image."""
    del image
    path = folder / "state" / "workspace" / "app.py"
    yield path
    path.write_text(APP, encoding="utf-8")


def get_until(running: Running, port: int, text: str) -> None:
    """Ask until the answer is the text."""
    deadline = time.monotonic() + 20
    while (body := running.wait_for_http(port).body.decode()) != text:
        assert time.monotonic() < deadline, f"{body}\n{running.log}"
        time.sleep(0.05)


def test_a_changed_file_restarts_the_web_process(folder: Path, source: Path) -> None:
    """The next answer is that of the new file; a mistake is survived; SIGTERM ends it; the app sees nothing of it."""
    port = find_free_port()
    with launch(folder / "state", env={"PORT": str(port)}) as running:
        get_until(running, port, "first text")
        seen = json.loads(running.wait_for_http(port, "/seen").body)
        assert (seen["found"], seen["path"]) == ([], None)

        # Twice within a second, in files of equal size: bytecode of the one would pass for that of the other.
        source.write_text(APP.replace("first text", "other text"), encoding="utf-8")
        get_until(running, port, "other text")
        source.write_text(APP.replace("first text", "third text"), encoding="utf-8")
        get_until(running, port, "third text")

        source.write_text("this is no Python", encoding="utf-8")
        while "the server ended with status" not in running.log:
            assert running.process.poll() is None
            time.sleep(0.05)
        source.write_text(APP, encoding="utf-8")
        get_until(running, port, "first text")

        started = time.monotonic()
        assert running.terminate() == 0
        assert time.monotonic() - started < 5
    assert "live reload: app.py changed, so the server is restarted" in running.log
    assert not list(source.parent.glob("__pycache__"))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


SERVERS = (
    *((FLASK, name) for name in ("gunicorn", "granian", "hypercorn", "uvicorn", "waitress", "")),
    (DJANGO_WSGI, ""),
)


@pytest.mark.parametrize(("app", "server"), SERVERS, ids=[f"{app.name}-{server or 'own'}" for app, server in SERVERS])
def test_every_server_reloads_and_ends(app: WebApp, server: str, folder: Path, image: Built, tmp_path: Path) -> None:
    """A changed file changes the answer, whatever serves the app; as process 1 it obeys SIGTERM."""
    del image
    environment = Environment(folder / "state")
    source = write_app(tmp_path, app.files)
    found = environment.decide(source, app.requirement, *server.split())["web"]
    layer = next((folder / "state" / "layers").glob("*/development"))
    settings = Settings({"BP_LIVE_RELOAD_ENABLED": "true"})
    web = decide_development(ProcessPlan((found,)), settings, layer).plan.processes[0]
    with environment.started(web, source, WEB_CONCURRENCY="2") as first:
        get_until(first.running, first.port, f"from {app.requirement}")
        for path, text in app.files.items():
            if f"from {app.requirement}" in text:
                (source / path).write_text(text.replace(f'"from {app.requirement}"', '"changed"'), encoding="utf-8")
        get_until(first.running, first.port, "changed")
        assert first.stop() in {0, 143}, first.log


def test_files_that_apps_write_restart_nothing(folder: Path, source: Path) -> None:
    """A database, an upload, bytecode and hidden folders are no source files."""
    port = find_free_port()
    with launch(folder / "state", env={"PORT": str(port)}) as running:
        get_until(running, port, "first text")
        for name in ("db.sqlite3", "upload.json", ".cache/x.py", "__pycache__/x.py"):
            path = source.parent / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("x", encoding="utf-8")
        time.sleep(1.5)
        assert "is restarted" not in running.log
        (source.parent / "templates").mkdir(exist_ok=True)
        (source.parent / "templates" / "page.html").write_text("x", encoding="utf-8")
        deadline = time.monotonic() + 10
        while "templates/page.html changed" not in running.log:
            assert time.monotonic() < deadline, running.log
            time.sleep(0.05)


def connect(port: int) -> socket.socket:
    """Return a connection, as soon as somebody listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except OSError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.05)


class Client:
    """A client of the Debug Adapter Protocol, as editors have one."""

    def __init__(self, port: int) -> None:
        self.socket = connect(port)
        self.stream = self.socket.makefile("rwb")
        self.number = 0

    def request(self, command: str, **arguments: Any) -> int:
        """Send a request and return its number."""
        self.number += 1
        message = {"seq": self.number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self.stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.stream.flush()
        return self.number

    def wait_for(self, **wanted: Any) -> dict[str, Any]:
        """Return the next message with these members, passing over all others."""
        while True:
            size = 0
            while (line := self.stream.readline().strip()) or not size:
                if line.lower().startswith(b"content-length:"):
                    size = int(line.partition(b":")[2])
            message: dict[str, Any] = json.loads(self.stream.read(size))
            if wanted.items() <= message.items():
                return message


@contextmanager
def attached(port: int, **arguments: Any) -> Iterator[Client]:
    """Yield a client that has done all that editors do before breakpoints are set."""
    client = Client(port)
    with client.socket, client.stream:
        number = client.request("initialize", adapterID="python", clientID="test")
        assert client.wait_for(type="response", request_seq=number)["success"]
        client.request("attach", **{"justMyCode": True, **arguments})
        client.wait_for(type="event", event="initialized")
        yield client


def test_a_debugger_attaches_to_the_debug_process(folder: Path, source: Path) -> None:
    """It starts when a client is there, stops at a breakpoint in a request, and answers that once it goes on."""
    port, debug_port = find_free_port(), find_free_port()
    env = {"PORT": str(port), "BPL_DEBUG_PORT": str(debug_port), "BPL_DEBUG_WAIT": "true"}
    with launch(folder / "state", "debug", env) as running, attached(debug_port) as client:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
        client.request("configurationDone")
        # gunicorn's worker is a process of its own, to which editors attach when debugpy reports it.
        worker = client.wait_for(type="event", event="debugpyAttach")["body"]
        with attached(worker["connect"]["port"], **worker) as inner:
            line = APP.splitlines().index('    return "first text"') + 1
            number = inner.request("setBreakpoints", source={"path": str(source)}, breakpoints=[{"line": line}])
            assert inner.wait_for(type="response", request_seq=number)["success"]
            inner.request("configurationDone")
            with asked(port) as answer:
                stopped = inner.wait_for(type="event", event="stopped")["body"]
                assert stopped["reason"] == "breakpoint"
                inner.request("continue", threadId=stopped["threadId"])
                assert answer.read().endswith(b"first text")
        assert running.terminate() == 0


@contextmanager
def asked(port: int) -> Iterator[BinaryIO]:
    """Yield the answer to a request that has been sent, as soon as somebody listens."""
    asking = connect(port)
    with asking, asking.makefile("rb") as answer:
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        yield answer


def test_the_debug_process_answers_without_a_client(folder: Path, source: Path) -> None:
    """By default it does not wait, has one worker, and the app's modules are its own only."""
    del source
    port, debug_port = find_free_port(), find_free_port()
    with launch(folder / "state", "debug", {"PORT": str(port), "BPL_DEBUG_PORT": str(debug_port)}) as running:
        get_until(running, port, "first text")
        assert json.loads(running.wait_for_http(port, "/seen").body)["workers"] == "1"
        with attached(debug_port):
            assert running.terminate() == 0
    assert f"debug: debugpy listens on 127.0.0.1:{debug_port}. Not for production." in running.log


def test_development_is_only_by_request_and_said(folder: Path, mirror: Source, image: Built) -> None:
    """Both settings warn; the layer is kept by a rebuild; without them, there is neither layer nor process."""
    log = " ".join(image.log.split())
    assert "warning: The web process is for development: it restarts when a file changes" in log
    assert "warning: The image has a debugger: it is not for production" in log
    assert (folder / "state" / "workspace" / "app.py").stat().st_mode & 0o060 == 0o060

    again = attempt(folder, mirror, BOTH)
    assert outcomes(again) == {
        "dependencies": "by reference",
        "development": "by reference",
        "package-django": "by reference",
        "package-granian": "by reference",
        "python": "by reference",
        "runtime": "by reference",
    }
    assert again.app.digest == image.app.digest

    plain = attempt(folder, mirror, {})
    assert "development" not in outcomes(plain)
    assert "for development" not in plain.log
    assert "debug:" not in plain.log
