"""What there is to know of a web framework, all of it in the framework's own module: names, servers, and the search."""

from collections.abc import Callable, Iterator, Mapping

from cnb.frozen import field, frozen
from python_buildpack.decide.processes.apps import is_eligible, rank_export
from python_buildpack.decide.processes.interface import Candidate, Evidence, Interface, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import Start
from python_buildpack.decide.processes.module_info import Call
from python_buildpack.decide.processes.servers import App, installed_server, suggestion
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.ports.notice import Notice

Own = tuple[Start, tuple[Notice, ...]]
"""How a framework serves an app itself, and what to say about it."""
OwnServer = Callable[[App, Evidence], Own | None]
"""Returns the command with which the framework serves an app itself, and what to say about it; None if it cannot."""
Search = Callable[[Evidence], Iterator[Candidate]]
"""Yields the framework's apps among the sources; never raises on what it finds there."""


@frozen
class WebFramework:
    """A web framework: the names by which it is known, and how its apps are found and served.

    Most have apps that are objects for a WSGI (PEP 3333) or ASGI server, and need no ``search`` of their own.
    """

    name: str
    """As people write it. The label of the image has it in lower case."""
    distributions: tuple[str, ...] = ()
    """One of these brings it; its apps are looked for only then. None: it needs nothing that is installed."""
    constructors: Mapping[str, Interface] = field(default_factory=dict)
    """Full names of what makes an app → the interface that the app then has."""
    words: frozenset[str] = frozenset()
    """If the last parts of the constructors' names are too common to look for: words that a file with an app has."""
    search: Search | None = None
    """How its apps are found, if not by the constructors alone."""
    own_server: OwnServer = field(default=lambda app, evidence: None)  # noqa: ARG005 - the signature is OwnServer's
    prefers_own: bool = False
    """Whether the framework's own server is one for production, so that no other is needed."""
    run_calls: frozenset[str] = frozenset()
    """Full names of calls with which a program serves an app by the framework itself."""
    mounts: frozenset[str] = frozenset()
    """Last parts of the names of calls that are given an app to serve as a part of another one."""
    in_memory: Mapping[str, str] = field(default_factory=dict)
    """Full names of calls (or of their modules) after which one process alone knows the app's users → the keyword
    argument with which the processes know of each other's, "" if there is none."""
    port_calls: frozenset[str] = frozenset()
    """Full names of calls that open a port of their own choice unless they are given one; no variable names it."""
    programs: Mapping[str, str] = field(default_factory=dict)
    """Commands, and modules that run with ``python -m`` → the distribution that brings each."""
    reload_variables: tuple[tuple[str, str], ...] = ()
    """What has its own server start an app again when a file changes, in place of our tool that does."""
    is_single_file: bool = False
    """Whether it is one file, which is often put beside the app's own."""

    @property
    def source_words(self) -> frozenset[str]:
        """One of these words is in every file that holds an app of the framework."""
        return self.words or frozenset(name.rpartition(".")[2] for name in self.constructors)

    def find(self, evidence: Evidence) -> Iterator[Candidate]:
        """Yield a candidate for every app of this framework among the sources, if it is there to run them."""
        if not self.distributions or self.is_there(evidence):
            yield from (self.search or self.apps)(evidence)

    def apps(self, evidence: Evidence) -> Iterator[Candidate]:
        """Yield a candidate for every name of a module that stands for an app, or for a factory of apps."""
        for export in evidence.index.exports():
            interface = self.constructors.get(export.origin)
            if interface is not None and is_eligible(export, evidence):
                app = App.at(export.info.place, export.name, interface, is_factory=export.is_factory)
                yield self.candidate(export, app, evidence)

    def is_there(self, evidence: Evidence) -> bool:
        """Say whether the framework can be imported: installed, or a single file beside the app's."""
        return evidence.has(*self.distributions) or (
            self.is_single_file and any(f"{name}.py" in evidence.project.files for name in self.distributions)
        )

    def is_in_memory(self, call: Call) -> bool:
        """Say whether a call makes the process that it is in the only one that knows the app's users."""
        return any(
            f"{call.name}.".startswith(f"{name}.") and keyword not in call.keywords
            for name, keyword in self.in_memory.items()
        )

    def candidate(self, export: Export, app: App, evidence: Evidence) -> Candidate:
        """Return the way to start one app: an installed server, or the framework's own."""
        rank = rank_export(export, app.interface, evidence)
        what = f'{export.info.path} has the {self.name} {"factory" if app.is_factory else "app"} "{app.name}"'
        return self.serve(app, evidence, rank, what)

    def serve(self, app: App, evidence: Evidence, rank: Rank, what: str) -> Candidate:
        """Return the candidate that serves ``app`` with the best server there is."""
        server = installed_server(app, evidence)
        own = self.own_server(app, evidence) if self.prefers_own or server is None else None
        if own is not None:
            start, notices = own
            because = f"{what}; served by {self.name} itself"
            return Candidate(rank, what, ProcessDecision.starting("web", start, because=because), notices)
        if server is not None:
            because = f"{what}; {server.name} is installed"
            decision = ProcessDecision.starting("web", server.build(app, evidence), because=because)
            return Candidate(rank, what, decision, server.notices)
        return Candidate(rank, what, ProcessDecision("web", (), because=what), (no_server(what, app.interface),))


def no_server(what: str, interface: Interface) -> Notice:
    """Return what to say when nothing can serve an app."""
    server = suggestion(interface)
    return Notice(
        "No server is installed for the web app",
        f"{what}, but none of the app's dependencies can serve it. "
        f"Add {server} to the dependencies; it is then started without any further configuration.",
    )


def development_server(framework: str, interface: Interface) -> Notice:
    """Return the warning for an app that runs on its framework's development server."""
    return Notice(
        "The web process runs on a development server",
        f"No production server is installed, so {framework}'s own development server is started. It handles few "
        f"requests at a time and is not hardened. Add {suggestion(interface)} to the dependencies.",
    )
