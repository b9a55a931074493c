"""What comes out of a detection and of a build. The exit codes are those of the lifecycle's phases."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from devkit.lifecycle.plan import PlanEntry
from devkit.lifecycle.records import Process, Types


class Status(IntEnum):
    """The exit codes of the lifecycle."""

    API_UNKNOWN = 12
    NOT_DETECTED = 20
    """Every buildpack that was needed said no, or their plans do not fit."""
    DETECT_ERROR = 21
    """A ``bin/detect`` went wrong."""
    BUILDPACK_FAILED = 51
    """A ``bin/build`` ended with another status than 0."""
    BUILD_ERROR = 52
    """A buildpack's output is not as the contract wants it."""
    EXPORT_ERROR = 62
    LAUNCH_ERROR = 82


class Outcome(StrEnum):
    """What became of a layer."""

    ADDED = "added"
    """It is new in the image, or has other contents than before."""
    REUSED = "reused"
    """The image has it already."""
    CACHED = "cached"
    """It is in the cache for the next build."""


@dataclass(frozen=True, slots=True)
class LayerOutcome:
    """One layer of the image or of the cache; a layer that is in both has one outcome for each."""

    buildpack: str
    name: str
    outcome: Outcome
    types: Types
    digest: str
    size: int
    by_reference: bool = False
    """Whether it was reused without being looked at, because its directory was absent."""


@dataclass(frozen=True, slots=True)
class Detected:
    """The buildpacks that take part, and the plan that they agreed on."""

    group: tuple[str, ...]
    plan: tuple[PlanEntry, ...]
    outputs: Mapping[str, str]
    """What each ``bin/detect`` printed; nobody sees it when detection succeeds."""


@dataclass(frozen=True, slots=True)
class NotDetected:
    """No build is possible. ``reasons`` has a line for every buildpack that failed, or one for every plan tried."""

    status: Status
    reasons: tuple[str, ...]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Built:
    """A new image, in place in the state directory, ready to be launched."""

    group: tuple[str, ...]
    layers: tuple[LayerOutcome, ...]
    app: LayerOutcome
    processes: tuple[Process, ...]
    default_process: str
    labels: Mapping[str, str]
    notices: tuple[str, ...]
    """What the lifecycle would warn about, or silently leave out."""
    log: str
    durations: Mapping[str, float]
    """Seconds by phase."""

    def outcomes(self, name: str) -> tuple[Outcome, ...]:
        """Return what became of the layers called ``name``, the image's first; nothing if there is none."""
        return tuple(layer.outcome for layer in self.layers if layer.name == name)


@dataclass(frozen=True, slots=True)
class Failed:
    """No new image. The previous one and the cache are as they were."""

    status: Status
    reason: str
    buildpack: str
    """The id of the buildpack that caused the failure; empty if it is none or several."""
    log: str
    exit_code: int | None = None
    """What ``bin/build`` exited with, if that was the reason; -1 if it was killed or could not be run."""
