"""The record of one build, as the JSON file and the spans have it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from cnb.frozen import frozen

SCHEMA = 1
"""Counts up when a field changes its meaning or goes; new fields do not change it."""


@frozen
class Span:
    """A stretch of time, in seconds since 1970."""

    name: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """Return how long it took; not less than nothing where a clock was set back."""
        return max(0.0, self.ended - self.began)


@frozen
class LayerReport:
    """What became of a layer."""

    name: str
    outcome: Literal["created", "reused", "rebuilt"]
    bytes: int | None
    """The sum of its files, or None where it is reused by reference and not on disk."""


@frozen
class BuildReport:
    """One build from its first decision to its end."""

    buildpack: str
    version: str
    whole: Span
    phases: tuple[Span, ...]
    """The headings of the log."""
    layers: tuple[LayerReport, ...]
    facts: Mapping[str, str]
    """The Python version and the package manager, as far as the build came to know them."""
    error: str | None
    """The code of the error (docs/errors.md) that ended the build, ``interrupted``, or None."""

    def as_document(self) -> dict[str, object]:
        """Return what the JSON file holds."""
        return {
            "schema": SCHEMA,
            "buildpack": {"id": self.buildpack, "version": self.version},
            "phase": "build",
            "started": datetime.fromtimestamp(self.whole.began, UTC).isoformat(timespec="milliseconds"),
            "seconds": round(self.whole.seconds, 3),
            "outcome": "success" if self.error is None else "failure",
            "error": self.error,
            "phases": [{"name": phase.name, "seconds": round(phase.seconds, 3)} for phase in self.phases],
            "layers": [{"name": layer.name, "outcome": layer.outcome, "bytes": layer.bytes} for layer in self.layers],
            **self.facts,
        }
