"""What a server is, and the app that it serves: the shape of the rows in ``servers.py``."""

import re
from collections.abc import Callable, Mapping

from cnb.frozen import field, frozen
from python_buildpack.decide.processes.interface import Evidence, Interface
from python_buildpack.decide.processes.launch import Start
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
class Configuration:
    """The Python file with the settings of a server."""

    file: str
    """Its name by default."""
    options: tuple[str, ...]
    """Options of the server's command that name another one."""
    folder_settings: frozenset[str] = frozenset()
    """Settings in it that say where the module of the app is."""
    interface_settings: frozenset[str] = frozenset()
    """Settings in it that choose the interface."""

    def named(self, line: str) -> str:
        """Return the path that a command names, relative to where it starts, "" if it names none that can be read."""
        found = re.search(
            rf" (?:{'|'.join(self.options)})[ =](?:(?:file:)?(?:\./)?([\w./-]+\.py)|python:([\w.]+))", line
        )
        return (found[1] or f"{found[2].replace('.', '/')}.py") if found else ""


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
    app_options: tuple[str, ...] = ()
    """Options of its command that take the app in another form, such as a file of PasteDeploy."""
    folder_options: tuple[str, ...] = ()
    """Options of its command that take the folder in which the module is; the one to add comes first."""
    default_name: str = ""
    """The name of the app in a module that its command is given without one; "" if there is no such name."""
    serves: str = ""
    """The interface of the apps that its command serves unless an option says otherwise; "" if it finds that out."""
    interface_options: tuple[str, ...] = ()
    """Those options."""
    interface_values: Mapping[str, str] = field(default_factory=dict)
    """Their values that are not called like the interface that they choose → that interface."""
    option_variables: frozenset[str] = frozenset()
    """Variables by which its command takes options, of those that choose the interface or call a factory."""
    configuration: Configuration | None = None
    """The file with its settings, if that is a Python file."""
    settings_options: tuple[str, ...] = ()
    """Options of its command that name a file of settings, in any format with lines ``name = value``."""
    listen_settings: frozenset[str] = frozenset()
    """Settings in such a file that say where it listens for HTTP."""
    flags: frozenset[str] = frozenset()
    """Options of its command that take no value, besides those that hardly any program gives one (targets.py)."""
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
    task_calls: frozenset[str] = frozenset()
    """Full names of what serves an app as one of several tasks of a program's event loop."""
    app_calls: frozenset[str] = frozenset()
    """Full names of calls that are given the app for that."""
    is_python: bool = True
    """Whether its command is a Python program, in which a debugger can stop."""
    loopback_commands: Mapping[str, str] = field(default_factory=dict)
    """Names of commands that listen on 127.0.0.1 without an option → a pattern for lines without it."""
    port_options: tuple[str, ...] = ()
    """Options of its command without which it listens on a port of its own; empty if it takes that from a variable."""
    launch_variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that configure it when a container starts, unless they are set; PORT and WORKERS stand for a value."""
    defaults: Callable[[str | None], Mapping[str, str]] = field(default=lambda _: {})
    """Returns variables of the image for the installed version, or for None. The user may give others."""

    def has_options_elsewhere(self, line: str, evidence: Evidence) -> bool:
        """Say whether such a variable is set in a line, or given for the container."""
        return any(f"{name}=" in line or evidence.is_given(name) for name in self.option_variables)


def loopback_without(program: str, *options: str) -> Mapping[str, str]:
    """Return the pattern for lines with a program that listens on 127.0.0.1 if it has none of these options.

    The value of an option of one letter may follow it at once: ``-b0.0.0.0:$PORT``.
    """
    given = "|".join(option if is_short(option) else rf"{option}\b" for option in options)
    return {program: rf"^(?:\S*/|python\S* -m )?{program} (?!(?:.* )?(?:{given}))"}


def is_short(option: str) -> bool:
    """Return whether an option has one letter."""
    return option.startswith("-") and not option.startswith("--") and len(option) == len("-x")


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
    several_by: frozenset[str] | None = None
    """Keyword arguments without which it ends at once if it is given the app itself, and not its name, and
    WEB_CONCURRENCY asks for several workers; None if it always starts."""

    @property
    def is_host_first(self) -> bool:
        """Whether its arguments begin with the address to listen on, as those of ``http.server`` do."""
        return self.argument > 1
