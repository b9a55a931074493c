"""The interface of a web framework. Its module has all that is specific to it: names, servers, and the search."""

from collections.abc import Callable, Iterator, Mapping

from packaging.utils import canonicalize_name

from cnb.frozen import field, frozen
from python_buildpack.decide.processes.apps import is_eligible, rank_export
from python_buildpack.decide.processes.interface import Candidate, Evidence, Interface, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import Start
from python_buildpack.decide.processes.module_info import Call
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import installed_server, suggestion
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.ports.notice import Notice

Own = tuple[Start, tuple[Notice, ...]]
"""The command with which a framework serves an app itself, and notices about that."""
OwnServer = Callable[[App, Evidence], Own | None]
"""Returns the command with which the framework serves an app itself, and notices about that; None if it cannot."""
DEVELOPMENT = "The web process runs on a development server"
"""The title of the notice for an app without a production server."""
Search = Callable[[Evidence], Iterator[Candidate]]
"""Yields the framework's apps among the sources; raises no errors about them."""


@frozen
class WebFramework:
    """A web framework: the names by which it is known, and how its apps are found and served.

    Apps of most frameworks are objects for a WSGI (PEP 3333) or ASGI server, and need no ``search`` of their own.
    """

    name: str
    """As it is usually written. The label of the image has it in lower case."""
    distributions: tuple[str, ...] = ()
    """Its apps are looked for only if one of these is installed; always, if there are none."""
    constructors: Mapping[str, Interface] = field(default_factory=dict)
    """Full names of classes and functions that make an app → the interface of that app."""
    words: frozenset[str] = frozenset()
    """Words of which every file with an app has one; for frameworks whose constructors have too common names."""
    search: Search | None = None
    """Finds its apps, if the constructors are not enough for that."""
    own_server: OwnServer = field(default=lambda app, evidence: None)  # noqa: ARG005 - the signature is OwnServer's
    own_server_name: str = ""
    """How the log names that server; by default as the framework itself."""
    prefers_own: bool = False
    """Whether the framework's own server is made for production, so that no other is needed."""
    after_apps: bool = False
    """Whether it serves what is no web app by itself: notebooks, functions, agents, MCP servers. They are often beside
    an app, and are started only where there is none, in whatever folder."""
    settings_readers: Mapping[str, str] = field(default_factory=dict)
    """Modules of it that read variables of the environment → the class of each whose instances are called for that."""
    run_calls: frozenset[str] = frozenset()
    """Full names of calls with which a program serves an app with the framework's own server."""
    mounts: frozenset[str] = frozenset()
    """Last parts of the names of calls that add an app to another one as a part of it."""
    in_memory: Mapping[str, str] = field(default_factory=dict)
    """Full names of calls (or of their modules) that keep sessions in the memory of one process → the keyword argument
    that shares them between processes, "" if there is none."""
    port_calls: frozenset[str] = frozenset()
    """Full names of calls that open a default port unless it is an argument; no environment variable changes it."""
    loopback_calls: Mapping[str, str] = field(default_factory=dict)
    """Full names of calls that listen on 127.0.0.1 unless they are given an address → the name of what listens."""
    loopback_commands: Mapping[str, str] = field(default_factory=dict)
    """Names of commands that listen on 127.0.0.1 without an option → a pattern for lines without it."""
    host_first: frozenset[str] = frozenset()
    """Full names of calls whose first positional argument is the address to listen on."""
    takes_port: bool = False
    """Whether its calls listen on the port in PORT unless they are given one."""
    programs: Mapping[str, str] = field(default_factory=dict)
    """Commands, and modules for ``python -m`` → the distribution that provides each."""
    app_options: tuple[str, ...] = ()
    """Options of its command that name the module of the app, perhaps with the app's name in it."""
    launch_variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that configure it when a container starts, unless they are set; PORT and WORKERS stand for a value."""
    reload_variables: tuple[tuple[str, str], ...] = ()
    """Variables that make its own server restart an app when a file changes; our tool is then not needed."""
    is_for_servers: bool = True
    """Whether a server for their interface serves the objects that the constructors make as they are."""
    is_single_file: bool = False
    """Whether the framework is one file, which is often copied into the app."""

    @property
    def source_words(self) -> frozenset[str]:
        """The words of which every file with an app of the framework has one."""
        return self.words or frozenset(name.rpartition(".")[2] for name in self.constructors)

    def find(self, evidence: Evidence) -> Iterator[Candidate]:
        """Yield a candidate for every app of this framework among the sources, if the framework is installed."""
        if not self.distributions or self.is_there(evidence):
            yield from (self.search or self.apps)(evidence)

    def apps(self, evidence: Evidence) -> Iterator[Candidate]:
        """Yield a candidate for every name in a module that is an app or an app factory."""
        for export in evidence.index.exports():
            interface = self.constructors.get(export.origin)
            if interface is not None and is_eligible(export, evidence):
                app = App.at(export.info.place, export.name, interface, is_factory=export.is_factory)
                yield self.candidate(export, app, evidence)

    def is_there(self, evidence: Evidence) -> bool:
        """Say whether the framework can be imported: it is installed, or a file in the app."""
        # What makes its apps may be another package, which brings it.
        making = (canonicalize_name(name.partition(".")[0]) for name in self.constructors)
        return evidence.has(*self.distributions, *making) or (
            self.is_single_file and any(f"{name}.py" in evidence.project.files for name in self.distributions)
        )

    def is_in_memory(self, call: Call) -> bool:
        """Say whether a call keeps sessions in the memory of its process."""
        return any(
            f"{call.name}.".startswith(f"{name}.") and keyword not in call.keywords
            for name, keyword in self.in_memory.items()
        )

    def candidate(self, export: Export, app: App, evidence: Evidence) -> Candidate:
        """Return the candidate for one app: with an installed server, or the framework's own."""
        rank = rank_export(export, app.interface, evidence)
        what = f'{export.info.path} has the {self.name} {"factory" if app.is_factory else "app"} "{app.name}"'
        return self.serve(app, evidence, rank, what)

    def serve(self, app: App, evidence: Evidence, rank: Rank, what: str) -> Candidate:
        """Return the candidate that serves ``app`` with the best available server."""
        server = installed_server(app, evidence)
        own = self.own_server(app, evidence) if self.prefers_own or server is None else None
        if own is not None:
            start, notices = own
            because = f"{what}; served by {self.own_server_name or f'{self.name} itself'}"
            return Candidate(rank, what, ProcessDecision.starting("web", start, because=because), notices)
        if server is not None:
            because = f"{what}; {server.name} is installed"
            decision = ProcessDecision.starting("web", server.build(app, evidence), because=because)
            return Candidate(rank, what, decision, server.notices)
        return Candidate(rank, what, ProcessDecision("web", (), because=what), (no_server(what, app.interface),))


def no_server(what: str, interface: Interface) -> Notice:
    """Return the notice for an app for which no server is installed."""
    server = suggestion(interface)
    return Notice(
        "No server is installed for the web app",
        f"{what}, but none of the app's dependencies can serve it. "
        f"Add {server} to the dependencies; it is then started without any further configuration.",
    )


def development_server(framework: str, interface: Interface) -> Notice:
    """Return the warning for an app that runs on its framework's development server."""
    return Notice(
        DEVELOPMENT,
        f"No production server is installed, so {framework}'s own development server is started. It handles few "
        f"requests at a time and is not hardened. Add {suggestion(interface)} to the dependencies.",
    )
