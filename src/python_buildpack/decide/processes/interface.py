"""The values of this package: the decisions, and the inputs of the functions that decide."""

from collections.abc import Mapping
from typing import Any, Literal

from cnb.frozen import field, frozen, values
from python_buildpack.app.project import Project
from python_buildpack.decide.processes.launch import Start, shown
from python_buildpack.decide.processes.relevance import KnownNames
from python_buildpack.decide.processes.source_index import SourceIndex
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.package_managers.members import Members
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.run_time import run_time_variables
from python_buildpack.settings.values import Settings

Interface = Literal["wsgi", "asgi"]
INTERFACES: tuple[Interface, ...] = ("asgi", "wsgi")


@frozen
class ProcessDecision:
    """One process of the image, as launch.toml takes it (Buildpack spec, "launch.toml"), and its reason."""

    type: str
    command: tuple[str, ...]
    args: tuple[str, ...] = ()
    """Empty for detected processes: then ``docker run IMAGE --flag`` adds arguments to the command."""
    default: bool = False
    because: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables for this process type only, unless the user sets them: ``env.launch/<type>/<NAME>.default``."""
    directory: str = ""
    """Its working directory, relative to the app directory."""
    import_root: str = ""
    """The first entry of its PYTHONPATH, relative to the app directory: ``env.launch/<type>/PYTHONPATH.prepend``."""

    @classmethod
    def starting(
        cls, kind: str, start: Start, *, because: str, environment: tuple[tuple[str, str], ...] = ()
    ) -> "ProcessDecision":
        """Return the process of this type with this start."""
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
        """The process for the log: its command and working directory."""
        where = f" (in {self.directory})" if self.directory else ""
        path = (("PYTHONPATH", self.import_root),) if self.import_root else ()
        variables = "".join(f" ({name}={value})" for name, value in (*path, *self.environment))
        return f"{shown((*self.command, *self.args))}{where}{variables}"


@frozen
class ProcessPlan:
    """All processes of the image, notices about them, and the alternatives to the web process."""

    processes: tuple[ProcessDecision, ...] = ()
    notices: tuple[Notice, ...] = ()
    alternatives: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    """What of the app was not read because it is too large, if anything."""
    needs: tuple[str, ...] = ()
    """The environment variables without which a process ends when it starts, a sentence for each file."""

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain lists and dictionaries."""
        from dataclasses import asdict  # noqa: PLC0415 - nobody asks in a build

        return asdict(self)


@frozen
class Evidence:
    """All that the functions that decide may use."""

    project: Project
    index: SourceIndex
    installed: InstalledDistributions
    settings: Settings
    known: KnownNames
    members: Members

    @property
    def variables(self) -> Mapping[str, str]:
        """The build's variables."""
        return self.settings.env

    def is_given(self, name: str) -> bool:
        """Say whether a variable is set for the build, or given for its containers."""
        return name in self.variables or any(one.name == name for one in run_time_variables(self.settings))

    def has(self, *distributions: str) -> bool:
        """Say whether one of these distributions is installed."""
        return self.installed.has(*distributions)


@frozen
class Rank:
    """The rank of a candidate; the smallest is the best, and each field has precedence over those below it."""

    elsewhere: int = 0
    """1 in a project of the app that others of its projects need, or that is not the chosen one."""
    undeclared: int = 1
    """0 if a file of the app names this object as its app."""
    aside: int = 0
    """1 in folders for demonstrations and helpers, where an app is unlikely."""
    after_apps: int = 0
    """1 for what a tool serves, such as a notebook, where every web app comes first."""
    depth: int = 0
    mounted: int = 0
    """1 for an app that is a part of another app."""
    entry: int = 1
    """0 for an entry module: wsgi.py, asgi.py, or one that runs a server itself; 2 for a part of an app."""
    module: int = 99
    factory: int = 0
    name: int = 99
    framework: int = 99
    path: str = ""
    target: str = ""

    def __lt__(self, other: "Rank") -> bool:
        """Say whether it is better than the other."""
        return values(self) < values(other)


@frozen
class Candidate:
    """One way to start the web process."""

    rank: Rank
    label: str
    """A short description of the app: ``Flask app in app.py``."""
    decision: ProcessDecision
    notices: tuple[Notice, ...] = field(default=())
