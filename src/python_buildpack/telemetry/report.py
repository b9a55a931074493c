"""The record of one build, for the JSON file and the spans."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from cnb.frozen import field, frozen

SCHEMA = 1
"""The version of the document. It is raised if a field is removed or changes its meaning, but not for a new field."""


@frozen
class Span:
    """A period, in seconds since 1970."""

    name: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """The duration in seconds; 0 if the clock was set back."""
        return max(0.0, self.ended - self.began)


Outcome = Literal["created", "reused", "rebuilt"]
"""What a build did with a layer."""


@frozen
class LayerReport:
    """The state of a layer after the build."""

    name: str
    outcome: Outcome
    bytes: int | None
    """What its files add to an image, as the log counts it; None if no build has kept the size of a reused layer."""


@frozen
class BuildReport:
    """The record of one build."""

    buildpack: str
    version: str
    total: Span
    phases: tuple[Span, ...]
    """One for each heading of the log."""
    layers: tuple[LayerReport, ...]
    attributes: Mapping[str, str]
    """The Python version (``python``) and the package manager (``manager``), if they were decided."""
    error: str | None
    """The code of the error (docs/errors.md) that ended the build, ``interrupted``, or None."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What steps have found: ``vulnerabilities``, with the identifiers and the fixed version of each."""

    def as_document(self) -> dict[str, object]:
        """Return the content of the JSON file."""
        return {
            "schema": SCHEMA,
            "buildpack": {"id": self.buildpack, "version": self.version},
            "phase": "build",
            "started": datetime.fromtimestamp(self.total.began, UTC).isoformat(timespec="milliseconds"),
            "seconds": round(self.total.seconds, 3),
            "outcome": "success" if self.error is None else "failure",
            "error": self.error,
            "phases": [{"name": phase.name, "seconds": round(phase.seconds, 3)} for phase in self.phases],
            "layers": [{"name": layer.name, "outcome": layer.outcome, "bytes": layer.bytes} for layer in self.layers],
            **self.attributes,
            **self.facts,
        }
