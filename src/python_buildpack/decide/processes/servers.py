"""The servers that may be installed, and the command of each: one table, in order of preference.

Most commands have no port: gunicorn reads PORT itself, and others have a variable of their own in their row, which
``exec_d_helper.py`` sets when a container starts.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cnb.frozen import field, frozen
from python_buildpack.decide.processes.interface import Evidence, Interface
from python_buildpack.decide.processes.launch import Start, command, python
from python_buildpack.decide.processes.places import Place
from python_buildpack.ports.notice import Notice


@frozen
class App:
    """The app that a server serves."""

    module: str
    name: str
    interface: Interface
    is_factory: bool = False
    root: str = ""
    """The directory from which the module can be imported, "" for the app directory."""
    is_source: bool = False
    """Whether that directory only has to be on ``sys.path`` (Place.is_source)."""

    @property
    def target(self) -> str:
        """The app as an argument of most servers: ``module:name``."""
        return f"{self.module}:{self.name}"

    @property
    def call(self) -> str:
        """The app for servers that call factories themselves: ``module:name()``."""
        return f"{self.target}()" if self.is_factory else self.target

    @property
    def is_importable(self) -> bool:
        """Whether an import statement can name the module: ``my-app`` is a module for import_module() alone."""
        return all(part.isidentifier() for part in self.module.split("."))

    @property
    def statement(self) -> str:
        """The statement that binds ``app`` to the app, or to its factory."""
        if self.is_importable:
            return f"from {self.module} import {self.name} as app"
        return f'from importlib import import_module; app = import_module("{self.module}").{self.name}'

    @property
    def path(self) -> str:
        """The root, if it only has to be on PYTHONPATH: a directory such as ``src``."""
        return self.root if self.is_source or self.root.rpartition("/")[2] == "src" else ""

    @property
    def chdir(self) -> str:
        """The root, if it has to be the working directory: the app may open files relative to it."""
        return "" if self.path else self.root

    @property
    def folder(self) -> tuple[str, ...]:
        """The options of gunicorn and uWSGI that say where the module is."""
        return (("--chdir", self.chdir) if self.chdir else ()) + (("--pythonpath", self.path) if self.path else ())

    @classmethod
    def at(cls, place: Place, name: str, interface: Interface, *, is_factory: bool = False) -> "App":
        """Return the app with this name in the module at ``place``."""
        return cls(place.module, name, interface, is_factory, place.root, place.is_source)


ANY_HOST = "0.0.0.0"  # noqa: S104 - a container is reached from outside
PORT = "$PORT"
WORKERS = "$WEB_CONCURRENCY"
"""Stand for the values of these variables in what servers and frameworks have as ``launch_variables``."""

Build = Callable[[App, Evidence], Start]


@frozen
class Server:
    """A production server: its name, its distributions, the interfaces that it can serve, and its command."""

    name: str
    distributions: frozenset[str]
    """All of them have to be installed."""
    interfaces: frozenset[Interface]
    build: Build
    notices: tuple[Notice, ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)
    """Commands, and modules for ``python -m`` → the distribution that provides each."""
    takes_factories: bool = True
    takes_target: bool = True
    """Whether its command is given the app as a word ``module:name``, and not as the value of an option."""
    folder_options: tuple[str, ...] = ()
    """Options of its command that take the folder in which the module is; the one to add comes first."""
    default_name: str = ""
    """The name of the app in a module that its command is given without one; "" if there is no such name."""
    serves: str = ""
    """The interface of the apps that its command serves unless an option says otherwise; "" if it finds that out."""
    interface_options: tuple[str, ...] = ()
    """Those options."""
    calls_factories: frozenset[str] | None = None
    """Options with which its command calls a function that makes the app; None if it finds out that it is one."""
    detaching: frozenset[str] = frozenset()
    """Options of its command with which it leaves nothing in the foreground."""
    debug_options: tuple[str, ...] = ()
    """Options without which it would end a worker that stands at a breakpoint."""
    stays_up: bool = False
    """Whether it goes on, or ends with status 0, if none of its workers can import the app."""
    loopback_calls: Mapping[str, str] = field(default_factory=dict)
    """Full names of calls that listen on 127.0.0.1 unless they are given an address → the name of what listens."""
    run_calls: frozenset[str] = frozenset()
    """Full names of calls, besides those of RUNNERS, that serve until the server ends."""
    loopback_commands: Mapping[str, str] = field(default_factory=dict)
    """Names of commands that listen on 127.0.0.1 without an option → a pattern for lines without it."""
    launch_variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that configure it when a container starts, unless they are set; PORT and WORKERS stand for a value."""


def loopback_without(program: str, *options: str) -> Mapping[str, str]:
    """Return the pattern for lines with a program that listens on 127.0.0.1 if it has none of these options."""
    return {program: rf"^(?:\S*/|python\S* -m )?{program} (?!.*(?:{'|'.join(options)})\b)"}


@frozen
class Runner:
    """A call with which a program of the app runs a server itself."""

    call: str
    """Its full name."""
    interface: Interface
    """The interface of the app."""
    word: str
    """A word that every file with this call has, and few others."""
    argument: int = 0
    """The index of the positional argument that is the app."""


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


def _for_websockets(evidence: Evidence) -> tuple[str, ...]:
    """Return gunicorn's options for WebSockets: workers of a class that serves many of them, or threads."""
    module = with_websockets(evidence)
    if not module:
        return ()
    for kind in ("eventlet", "gevent"):
        if evidence.has(kind):
            return ("--worker-class", kind, *WEBSOCKETS[module])
    return (*WEBSOCKETS[module], "--threads", "100")


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

UWSGI_DETACHING = frozenset({"-d", "--daemonize", "--daemonize2"})

SERVERS: tuple[Server, ...] = (
    # An app that has both installed wants them together.
    Server("gunicorn with uvicorn workers", frozenset({"gunicorn", "uvicorn-worker"}), ASGI, _gunicorn_with_uvicorn),
    Server("gunicorn", frozenset({"gunicorn"}), WSGI, _gunicorn, programs={"gunicorn": "gunicorn"},
           folder_options=("--chdir", "--pythonpath"), default_name="application",
           serves="wsgi", interface_options=("-k", "--worker-class"), calls_factories=frozenset(),
           detaching=frozenset({"-D", "--daemon"}), debug_options=("--timeout", "0")),
    # No framework depends on granian, so an app that has it wants it. Frameworks depend on the servers below.
    Server("granian", frozenset({"granian"}), ASGI | WSGI, _granian, programs={"granian": "granian"},
           folder_options=("--working-dir",),
           serves="rsgi", interface_options=("--interface",), calls_factories=frozenset({"--factory"}),
           launch_variables={"GRANIAN_HOST": ANY_HOST, "GRANIAN_PORT": PORT, "GRANIAN_WORKERS": WORKERS}),
    Server("uvicorn", frozenset({"uvicorn"}), ASGI, _uvicorn, programs={"uvicorn": "uvicorn"},
           folder_options=("--app-dir",), stays_up=True, serves="asgi", interface_options=("--interface",),
           loopback_calls={"uvicorn.run": "uvicorn", "uvicorn.Config": "uvicorn"},
           run_calls=frozenset({"uvicorn.Server.run", "uvicorn.Server.serve"}),
           launch_variables={"UVICORN_HOST": ANY_HOST, "UVICORN_PORT": PORT}),
    Server("hypercorn", frozenset({"hypercorn"}), ASGI, _hypercorn, programs={"hypercorn": "hypercorn"}, stays_up=True,
           loopback_commands=loopback_without("hypercorn", "-b", "--bind", "-c", "--config")),
    Server("daphne", frozenset({"daphne"}), ASGI, _daphne, programs={"daphne": "daphne"}, takes_factories=False,
           serves="asgi", calls_factories=frozenset(),
           loopback_commands=loopback_without("daphne", "-b", "--bind", "-u", "-e", "--endpoint", "--fd")),
    Server("uWSGI", frozenset({"uwsgi"}), WSGI, _uwsgi, programs={"uwsgi": "uwsgi"}, takes_target=False,
           detaching=UWSGI_DETACHING),
    Server("uWSGI", frozenset({"pyuwsgi"}), WSGI, _uwsgi, programs={"uwsgi": "pyuwsgi"}, takes_target=False,
           detaching=UWSGI_DETACHING),
    Server("waitress", frozenset({"waitress"}), WSGI, _waitress,
           programs={"waitress-serve": "waitress", "waitress": "waitress"},
           serves="wsgi", calls_factories=frozenset({"--call"})),
    Server("hypercorn", frozenset({"hypercorn"}), WSGI, _hypercorn),
    Server("uvicorn", frozenset({"uvicorn"}), WSGI, _uvicorn),
    Server("gunicorn", frozenset({"gunicorn"}), ASGI, _gunicorn_asgi, (GUNICORN_ASGI,)),
)  # fmt: skip

RUNNERS: Mapping[str, Runner] = MappingProxyType({runner.call: runner for runner in (
    Runner("uvicorn.run", "asgi", "uvicorn"),
    Runner("hypercorn.asyncio.serve", "asgi", "hypercorn"),
    Runner("waitress.serve", "wsgi", "waitress"),
    Runner("gevent.pywsgi.WSGIServer", "wsgi", "WSGIServer", 1),
    Runner("eventlet.wsgi.server", "wsgi", "eventlet", 1),
    Runner("wsgiref.simple_server.make_server", "wsgi", "make_server", 2),
    Runner("werkzeug.serving.run_simple", "wsgi", "run_simple", 2),
)})  # fmt: skip
"""Servers that programs run themselves, by the full name of the call. Some of them we do not start ourselves."""


def installed_server(app: App, evidence: Evidence) -> Server | None:
    """Return the first server of the table that is installed and can serve the app, or None."""
    for server in SERVERS:
        if server.distributions <= evidence.installed.names and app.interface in server.interfaces:
            if app.is_factory and not server.takes_factories:
                continue
            return server
    return None


def suggestion(interface: Interface) -> str:
    """Return the server to recommend for an app of this interface."""
    return "gunicorn" if interface == "wsgi" else "uvicorn"
