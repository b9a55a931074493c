"""What is measured: rivals build apps in scenarios; a cell of the table is one of each."""

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_args

OURS, FLOOR, NAIVE, DOCKERFILE = "ours", "floor", "naive", "Dockerfile"
DOCKERFILE_UV = "Dockerfile with uv"
CacheAt = Literal["volume", "image"]
"""Where a build to a registry has its cache: on the machine that builds, or in the registry."""
CACHES: tuple[CacheAt, ...] = get_args(CacheAt)


class Start(StrEnum):
    """What a build finds of the one before."""

    NOTHING = "nothing"
    ALL = "image and cache"
    NO_CACHE = "image only"
    NO_IMAGE = "cache only"


class Variant(StrEnum):
    """How an app's source differs from the one that was built before."""

    BASE = "base"
    CODE = "code"
    CHANGED = "dependency changed"
    ADDED = "dependency added"
    PYTHON = "other Python"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A situation in which people build."""

    name: str
    start: Start
    variant: Variant = Variant.BASE


SCENARIOS = (
    Scenario("first build", Start.NOTHING),
    Scenario("nothing changed", Start.ALL),
    Scenario("code changed", Start.ALL, Variant.CODE),
    Scenario("dependency changed", Start.ALL, Variant.CHANGED),
    Scenario("dependency added", Start.ALL, Variant.ADDED),
    Scenario("Python patch", Start.ALL, Variant.PYTHON),
    Scenario("cache lost", Start.NO_CACHE),
    Scenario("image lost", Start.NO_IMAGE),
)
"""In the order in which a round goes through them: the first build makes what the others start from."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one rival needed for one app in one scenario."""

    app: str
    scenario: str
    rival: str
    seconds: tuple[float, ...]
    """One per round."""
    phases: Mapping[str, float] = field(default_factory=dict)
    """Median seconds of each part of the log, in its order."""
    new_bytes: int | None = None
    """Bytes of the layers that the image before did not have; None if they were not asked for."""
    layers: Mapping[str, int] = field(default_factory=dict)
    """Bytes of every layer of the image, by name, for the first build."""
    failure: str = ""
    """Why there are no seconds: the end of the build's log."""

    @property
    def median(self) -> float | None:
        """Return the median of the rounds, None if the build failed."""
        return statistics.median(self.seconds) if self.seconds else None


@dataclass(frozen=True, slots=True)
class Extra:
    """A figure that is not a build: seconds or bytes, with what it is compared with."""

    subject: str
    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Point:
    """One no-change rebuild of an app with so many tiny packages."""

    packages: int
    rival: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Published:
    """What one rival needed to build one app to a registry."""

    app: str
    scenario: str
    cache: CacheAt
    rival: str
    seconds: tuple[float, ...]
    """One per round."""
    pushed: int
    """Bytes of the blobs that the registry did not have, compressed."""
    pulled: int
    """Bytes that the registry sent."""
    failure: str = ""

    @property
    def median(self) -> float | None:
        """Return the median of the rounds, None if the build failed."""
        return statistics.median(self.seconds) if self.seconds else None


@dataclass(frozen=True, slots=True)
class FleetApp:
    """One of many apps: the bytes of its layers that come from us, uncompressed."""

    name: str
    requires: tuple[str, ...]
    """What it names of the packages."""
    size: int
    """Of all its layers."""
    new: int
    """Of those that none of the apps before it has: by so much a registry grows."""
    own: int
    """Of those that no other app has."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the benchmark: all figures, and where they come from."""

    environment: Mapping[str, str]
    rounds: int
    cells: tuple[Cell, ...]
    extras: tuple[Extra, ...] = ()
    growth: tuple[Point, ...] = ()
    published: tuple[Published, ...] = ()
    fleet: tuple[FleetApp, ...] = ()
    measured: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """When which app and scenario were run, where the figures are of several runs."""

    def find(self, app: str, scenario: str, rival: str) -> Cell | None:
        """Return one cell, None if it was not run."""
        wanted = app, scenario, rival
        return next((cell for cell in self.cells if (cell.app, cell.scenario, cell.rival) == wanted), None)

    def ratio(self, app: str, scenario: str, rival: str) -> float | None:
        """Return our median over a rival's, None if one of them is not there."""
        ours, theirs = self.find(app, scenario, OURS), self.find(app, scenario, rival)
        if ours is None or theirs is None or ours.median is None or not theirs.median:
            return None
        return ours.median / theirs.median

    @property
    def apps(self) -> tuple[str, ...]:
        """Return the apps in the order in which they were run."""
        return tuple(dict.fromkeys(cell.app for cell in self.cells))


def to_json(report: Report) -> dict[str, Any]:
    """Return a report as a document of lists, objects, strings and numbers."""
    document = asdict(report)
    del document["measured"]
    return document


def from_json(document: Mapping[str, Any]) -> Report:
    """Return the report that ``to_json`` made a document of. Raises KeyError and TypeError for anything else."""
    return Report(
        environment=dict(document["environment"]),
        rounds=document["rounds"],
        cells=tuple(Cell(**{**cell, "seconds": tuple(cell["seconds"])}) for cell in document["cells"]),
        extras=tuple(Extra(**extra) for extra in document["extras"]),
        growth=tuple(Point(**point) for point in document["growth"]),
        # Older reports have none of these.
        published=tuple(
            Published(**{**one, "seconds": tuple(one["seconds"])}) for one in document.get("published", ())
        ),
        fleet=tuple(FleetApp(**{**one, "requires": tuple(one["requires"])}) for one in document.get("fleet", ())),
    )
