"""The values of this package: what is decided, and what the deciders are given."""

from collections.abc import Mapping
from typing import Any, Literal

from cnb.frozen import field, frozen, values
from python_buildpack.app.project import Project
from python_buildpack.decide.processes.launch import Start, shown
from python_buildpack.decide.processes.relevance import KnownNames
from python_buildpack.decide.processes.source_index import SourceIndex
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.notice import Notice

Interface = Literal["wsgi", "asgi"]


@frozen
class ProcessDecision:
    """One process of the image, as launch.toml takes it (Buildpack spec, "launch.toml"), and its reason."""

    type: str
    command: tuple[str, ...]
    args: tuple[str, ...] = ()
    """Left empty for what we detect: then ``docker run IMAGE --flag`` adds to the command and replaces nothing."""
    default: bool = False
    because: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables for this process type alone, unless the user set them: ``env.launch/<type>/<NAME>.default``."""
    directory: str = ""
    """Where it starts, relative to the app directory."""
    import_root: str = ""
    """What goes first on its PYTHONPATH, relative to the app directory: ``env.launch/<type>/PYTHONPATH.prepend``."""

    @classmethod
    def starting(
        cls, kind: str, start: Start, *, because: str, environment: tuple[tuple[str, str], ...] = ()
    ) -> "ProcessDecision":
        """Return the process of this type that a start makes."""
        return cls(
            kind,
            start.command,
            because=because,
            environment=(*start.environment, *environment),
            directory=start.directory,
            import_root=start.import_root,
        )

    @property
    def line(self) -> str:
        """The process for people: what is run, and where."""
        where = f" (in {self.directory})" if self.directory else ""
        path = (("PYTHONPATH", self.import_root),) if self.import_root else ()
        variables = "".join(f" ({name}={value})" for name, value in (*path, *self.environment))
        return f"{shown((*self.command, *self.args))}{where}{variables}"


@frozen
class ProcessPlan:
    """All processes of the image, advice for the user about them, and what else could have been the web process."""

    processes: tuple[ProcessDecision, ...] = ()
    notices: tuple[Notice, ...] = ()
    alternatives: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    """Where looking at the app stopped before its end, if it did."""

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain lists and dictionaries."""
        from dataclasses import asdict  # noqa: PLC0415 - nobody asks in a build

        return asdict(self)


@frozen
class Evidence:
    """What every decider may look at."""

    project: Project
    index: SourceIndex
    installed: InstalledDistributions
    variables: Mapping[str, str]
    """The build's variables."""
    known: KnownNames

    def has(self, *distributions: str) -> bool:
        """Say whether one of these distributions is installed."""
        return self.installed.has(*distributions)


@frozen
class Rank:
    """Where a candidate stands among others; the smallest goes first, and each field goes before those below it."""

    undeclared: int = 1
    """0 where a file of the app names this very object as its app."""
    aside: int = 0
    """1 in folders for demonstrations and helpers, where an app seldom lives."""
    depth: int = 0
    mounted: int = 0
    """1 for an app that another app serves under a path."""
    entry: int = 1
    """0 for a module that is there to be started: wsgi.py, asgi.py, or one that runs a server itself; 2 for a part."""
    module: int = 99
    factory: int = 0
    name: int = 99
    framework: int = 99
    path: str = ""
    target: str = ""

    def __lt__(self, other: "Rank") -> bool:
        """Say whether it goes before the other."""
        return values(self) < values(other)


@frozen
class Candidate:
    """One way to start the web process."""

    rank: Rank
    label: str
    """The app in a few words: ``Flask app in app.py``."""
    decision: ProcessDecision
    notices: tuple[Notice, ...] = field(default=())
