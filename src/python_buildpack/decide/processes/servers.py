"""The servers that may be installed, and the command of each: one table, in order of preference.

Most commands have no port: gunicorn reads PORT itself, and others have a variable of their own in their row, which
``exec_d_helper.py`` sets when a container starts.
"""

from collections.abc import Mapping
from types import MappingProxyType

from python_buildpack.decide.processes.interface import INTERFACES, Evidence, Interface
from python_buildpack.decide.processes.launch import Start, command, python
from python_buildpack.decide.processes.server import (
    ANY_HOST,
    PORT,
    WORKERS,
    App,
    Configuration,
    Runner,
    Server,
    loopback_without,
)
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.launch import GUNICORN_CMD_ARGS, SECONDS_TO_END


def _gunicorn(app: App, evidence: Evidence, *options: str) -> Start:
    return command("gunicorn", *app.folder, *options, *_for_websockets(evidence), app.call)


WEBSOCKETS: Mapping[str, tuple[str, ...]] = {"flask_socketio": ("--workers", "1"), "flask_sock": ()}
"""Modules by which WSGI apps have WebSockets → options of gunicorn that they need besides a kind of worker.

Each WebSocket takes a worker of gunicorn's usual class for itself, until that is ended for taking too long.
"""


def with_websockets(evidence: Evidence) -> str:
    """Return the module by which the app has WebSockets, "" if it has none."""
    for module in WEBSOCKETS:
        is_used = any(module in info.imported or f"{module}.Sock" in info.imported for info in evidence.index.sources)
        if evidence.has(module.replace("_", "-")) and is_used:
            return module
    return ""


def websocket_workers(evidence: Evidence) -> tuple[str, ...]:
    """Return gunicorn's options for workers of a class that serves many WebSockets, or with threads."""
    kinds = (("--worker-class", kind) for kind in ("eventlet", "gevent") if evidence.has(kind))
    return next(kinds, ("--threads", "100"))


def _for_websockets(evidence: Evidence) -> tuple[str, ...]:
    module = with_websockets(evidence)
    if not module:
        return ()
    workers, more = websocket_workers(evidence), WEBSOCKETS[module]
    return (*more, *workers) if "--threads" in workers else (*workers, *more)


def _gunicorn_with_uvicorn(app: App, evidence: Evidence) -> Start:
    return _gunicorn(app, evidence, "--worker-class", "uvicorn_worker.UvicornWorker")


def _gunicorn_asgi(app: App, evidence: Evidence) -> Start:
    return _gunicorn(app, evidence, "--worker-class", "asgi")


def _uvicorn(app: App, evidence: Evidence) -> Start:
    del evidence
    options = (("--app-dir", app.path) if app.path else ()) + (("--factory",) if app.is_factory else ())
    if app.interface == "wsgi":
        options += ("--interface", "wsgi")
    return command("uvicorn", *options, app.target, chdir=app.chdir)


def _granian(app: App, evidence: Evidence) -> Start:
    del evidence
    options = ("--factory",) if app.is_factory else ()
    return command("granian", "--interface", app.interface, *options, app.target, chdir=app.chdir, path=app.path)


def _hypercorn(app: App, evidence: Evidence) -> Start:
    del evidence
    return command(
        "hypercorn", "--bind", "0.0.0.0:$PORT", "--workers", "$WEB_CONCURRENCY", "--access-logfile", "-",
        f"{app.interface}:{app.call}", chdir=app.chdir, path=app.path,
    )  # fmt: skip


def _daphne(app: App, evidence: Evidence) -> Start:
    del evidence
    return command("daphne", "--bind", ANY_HOST, "--port", "$PORT", app.target, chdir=app.chdir, path=app.path)


def _waitress(app: App, evidence: Evidence) -> Start:
    del evidence
    if not app.is_importable:
        # Its command takes no such name.
        code = f"import os, waitress; {app.statement}; waitress.serve(app{'()' if app.is_factory else ''}, "
        return python(f'{code}listen="0.0.0.0:" + os.environ["PORT"])', chdir=app.chdir, path=app.path)
    options = ("--call",) if app.is_factory else ()
    listen = "--listen=0.0.0.0:$PORT"
    return command("waitress-serve", listen, *options, app.target, chdir=app.chdir, path=app.path)


def _uwsgi(app: App, evidence: Evidence) -> Start:
    del evidence
    # uWSGI reads $(NAME) from the environment; without --die-on-term it reloads on SIGTERM.
    # Without command(), because $(PORT) is uWSGI's own syntax.
    return Start((
        "uwsgi", "--http-socket=0.0.0.0:$(PORT)", "--master", "--processes=$(WEB_CONCURRENCY)", "--enable-threads",
        "--die-on-term", "--need-app", *app.folder, "--module", app.call,
    ))  # fmt: skip


WSGI: frozenset[Interface] = frozenset({"wsgi"})
ASGI: frozenset[Interface] = frozenset({"asgi"})

GUNICORN_ASGI = Notice(
    "gunicorn alone serves ASGI apps only since version 25",
    "The app needs an ASGI server and gunicorn is the only server installed: it is started with its own ASGI worker. "
    "Add uvicorn to the dependencies if the process does not start.",
)

UWSGI_FILES = ("--ini", "-i")
UWSGI_LISTEN = frozenset({"http", "http-socket"})
UWSGI_DETACHING = frozenset({"-d", "--daemonize", "--daemonize2"})
GUNICORN_CONFIGURATION = Configuration(
    "gunicorn.conf.py",
    ("-c", "--config"),
    folder_settings=frozenset({"chdir", "pythonpath"}),
    interface_settings=frozenset({"worker_class"}),
)
_GUNICORN_CLASSES = {"sync": "wsgi", "gthread": "wsgi", "gevent": "wsgi", "eventlet": "wsgi",
                     "uvicorn.workers.UvicornWorker": "asgi", "uvicorn_worker.UvicornWorker": "asgi"}  # fmt: skip
_GUNICORN_FLAGS = frozenset({"--preload", "--preload-app", "--daemon", "-D", "--capture-output", "-R", "--spew",
                             "--enable-stdio-inheritance", "--reuse-port", "--proxy-protocol",
                             "--check-config", "--print-config"})  # fmt: skip
_UVICORN_FLAGS = frozenset({"--factory", "--proxy-headers", "--access-log", "--use-colors", "--server-header",
                            "--date-header"})  # fmt: skip
# As gunicorn's --graceful-timeout: workers that are still starting do not get a SIGTERM, and by default the server
# waits for them longer than a platform waits for the server.
_GRANIAN_DEFAULTS = {"GRANIAN_WORKERS_KILL_TIMEOUT": str(SECONDS_TO_END)}


def _gunicorn_defaults(version: str | None) -> Mapping[str, str]:
    """Return the options for gunicorn of this version. Since 25.1 it has a control socket.

    The socket's default is in the home directory; if that is read-only, the log would begin with an error.
    """
    from packaging.version import Version  # noqa: PLC0415 - not for a detection

    try:
        is_controlled = version is not None and Version(version) >= Version("25.1")
    except ValueError:
        is_controlled = False
    socket = " --control-socket /dev/shm/gunicorn.ctl" if is_controlled else ""
    return {GUNICORN_CMD_ARGS.name: f"{GUNICORN_CMD_ARGS.default}{socket}"}


SERVERS: tuple[Server, ...] = (
    # An app that has both installed wants them together.
    Server("gunicorn with uvicorn workers", frozenset({"gunicorn", "uvicorn-worker"}), ASGI, _gunicorn_with_uvicorn),
    Server("gunicorn", frozenset({"gunicorn"}), WSGI, _gunicorn, programs={"gunicorn": "gunicorn"},
           folder_options=("--chdir", "--pythonpath"), default_name="application", app_options=("--paste", "--paster"),
           serves="wsgi", interface_options=("-k", "--worker-class"), interface_values=_GUNICORN_CLASSES,
           calls_factories=frozenset(), configuration=GUNICORN_CONFIGURATION, flags=_GUNICORN_FLAGS,
           option_variables=frozenset({GUNICORN_CMD_ARGS.name}), defaults=_gunicorn_defaults,
           detaching=frozenset({"-D", "--daemon"}), debug_options=("--timeout", "0")),
    # No framework depends on granian, so an app that has it wants it. Frameworks depend on the servers below.
    Server("granian", frozenset({"granian"}), ASGI | WSGI, _granian, programs={"granian": "granian"},
           folder_options=("--working-dir",),
           serves="rsgi", interface_options=("--interface",), interface_values={"asginl": "asgi"},
           calls_factories=frozenset({"--factory"}), flags=frozenset({"--factory", "--access-log"}),
           option_variables=frozenset({"GRANIAN_INTERFACE", "GRANIAN_FACTORY"}), defaults=lambda _: _GRANIAN_DEFAULTS,
           launch_variables={"GRANIAN_HOST": ANY_HOST, "GRANIAN_PORT": PORT, "GRANIAN_WORKERS": WORKERS}),
    Server("uvicorn", frozenset({"uvicorn"}), ASGI, _uvicorn, programs={"uvicorn": "uvicorn"},
           folder_options=("--app-dir",), stays_up=True, serves="asgi", interface_options=("--interface",),
           interface_values={"asgi2": "asgi", "asgi3": "asgi", "auto": "asgi"}, flags=_UVICORN_FLAGS,
           option_variables=frozenset({"UVICORN_INTERFACE"}),
           loopback_calls={"uvicorn.run": "uvicorn", "uvicorn.Config": "uvicorn"},
           run_calls=frozenset({"uvicorn.Server.run", "uvicorn.Server.serve"}),
           task_calls=frozenset({"uvicorn.Server"}), app_calls=frozenset({"uvicorn.Config"}),
           launch_variables={"UVICORN_HOST": ANY_HOST, "UVICORN_PORT": PORT}),
    Server("hypercorn", frozenset({"hypercorn"}), ASGI, _hypercorn, programs={"hypercorn": "hypercorn"}, stays_up=True,
           settings_options=("-c", "--config"), listen_settings=frozenset({"bind", "insecure_bind"}),
           task_calls=frozenset({"hypercorn.asyncio.serve"}), app_calls=frozenset({"hypercorn.asyncio.serve"}),
           loopback_commands=loopback_without("hypercorn", "-b", "--bind", "-c", "--config")),
    Server("daphne", frozenset({"daphne"}), ASGI, _daphne, programs={"daphne": "daphne"}, takes_factories=False,
           serves="asgi", calls_factories=frozenset(), flags=frozenset({"--proxy-headers"}),
           port_options=("--port", "-p", "-e", "--endpoint", "-u", "--unix-socket", "--fd"),
           loopback_commands=loopback_without("daphne", "-b", "--bind", "-u", "-e", "--endpoint", "--fd")),
    Server("uWSGI", frozenset({"uwsgi"}), WSGI, _uwsgi, programs={"uwsgi": "uwsgi"}, takes_target=False,
           settings_options=UWSGI_FILES, listen_settings=UWSGI_LISTEN, detaching=UWSGI_DETACHING, is_python=False),
    Server("uWSGI", frozenset({"pyuwsgi"}), WSGI, _uwsgi, programs={"uwsgi": "pyuwsgi"}, takes_target=False,
           detaching=UWSGI_DETACHING, is_python=False),
    Server("waitress", frozenset({"waitress"}), WSGI, _waitress,
           programs={"waitress-serve": "waitress", "waitress": "waitress"},
           port_options=("--port", "--listen", "--unix-socket", "--sockets"),
           serves="wsgi", calls_factories=frozenset({"--call"}), flags=frozenset({"--call", "--expose-tracebacks"})),
    Server("hypercorn", frozenset({"hypercorn"}), WSGI, _hypercorn),
    Server("uvicorn", frozenset({"uvicorn"}), WSGI, _uvicorn),
    Server("gunicorn", frozenset({"gunicorn"}), ASGI, _gunicorn_asgi, (GUNICORN_ASGI,)),
)  # fmt: skip

RUNNERS: Mapping[str, Runner] = MappingProxyType({runner.call: runner for runner in (
    Runner("uvicorn.run", "asgi", "uvicorn", several_by=frozenset({"workers", "app"})),
    Runner("hypercorn.asyncio.serve", "asgi", "hypercorn"),
    Runner("waitress.serve", "wsgi", "waitress"),
    Runner("gevent.pywsgi.WSGIServer", "wsgi", "WSGIServer", 1),
    Runner("eventlet.wsgi.server", "wsgi", "eventlet", 1),
    Runner("wsgiref.simple_server.make_server", "wsgi", "make_server", 2),
    Runner("werkzeug.serving.run_simple", "wsgi", "run_simple", 2),
)})  # fmt: skip
"""Servers that programs run themselves, by the full name of the call. Some of them we do not start ourselves."""
OPTION_VARIABLES = frozenset().union(*(server.option_variables for server in SERVERS))
TASK_CALLS = frozenset().union(*(server.task_calls for server in SERVERS))
APP_CALLS = frozenset().union(*(server.app_calls for server in SERVERS))


def server_of(program: str) -> Server | None:
    """Return the server with this command, by its first row that has it."""
    return next((server for server in SERVERS if program in server.programs), None)


def installed_server(app: App, evidence: Evidence) -> Server | None:
    """Return the first server of the table that is installed and can serve the app, or None."""
    for server in SERVERS:
        if server.distributions <= evidence.installed.names and app.interface in server.interfaces:
            if app.is_factory and not server.takes_factories:
                continue
            return server
    return None


def likely_interface(evidence: Evidence) -> Interface | None:
    """Return the interface of an app of which only the server is known; None without a server.

    An ASGI server is installed for an ASGI app, also beside gunicorn, which may only manage its processes.
    """
    installed = [server for server in SERVERS if server.distributions <= evidence.installed.names]
    for interface in INTERFACES:
        if any(server.serves == interface for server in installed):
            return interface
    return next((interface for interface in INTERFACES if any(interface in one.interfaces for one in installed)), None)


def suggestion(interface: Interface) -> str:
    """Return the server to recommend for an app of this interface."""
    return "gunicorn" if interface == "wsgi" else "uvicorn"
