"""The record of a build as a model: the schema that platforms can rely on."""

from typing import Literal

from pydantic import Field

from python_buildpack.support.models import Written


class BuildpackRow(Written):
    """Which buildpack it was."""

    id: str
    version: str


class PhaseRow(Written):
    """A part of the build, which has a heading in the log."""

    name: str
    seconds: float = Field(ge=0)


class LayerRow(Written):
    """A layer after the build."""

    name: str
    outcome: Literal["created", "reused", "rebuilt"]
    bytes: int | None
    """The bytes of its files, before compression, as in the log; null if it is reused and its size is not known."""


class VulnerabilityRow(Written):
    """A known vulnerability of what is installed."""

    ids: list[str] = Field(min_length=1)
    fixed: str
    """The first version without it, or an empty string."""


class BuildRecord(Written):
    """What BP_PYTHON_TELEMETRY writes at the end of a build, a failed one too."""

    schema_version: Literal[1] = Field(alias="schema")
    buildpack: BuildpackRow
    phase: Literal["build"]
    started: str = Field(json_schema_extra={"format": "date-time"})
    seconds: float = Field(ge=0)
    outcome: Literal["success", "failure"]
    error: str | None
    """The code of the error, interrupted, or null."""
    phases: list[PhaseRow]
    layers: list[LayerRow]
    python: str | None = None
    manager: str | None = None
    vulnerabilities: list[VulnerabilityRow] = Field(default=[])
    """Only if an audit was asked for."""
