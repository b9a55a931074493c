"""What ``explain --json`` prints, as a model: the schema that programs can rely on."""

from typing import Literal

from pydantic import Field

from python_buildpack.support.models import Written


class PythonRow(Written):
    """The interpreter that the app gets."""

    version: str
    build: str
    arch: Literal["amd64", "arm64"]
    variant: Literal["default", "freethreaded"]
    because: str


class ManagerRow(Written):
    """The package manager, and the file that declares the dependencies."""

    name: str
    file: str | None
    because: str


class SettingRow(Written):
    """A setting that is given, by the name of its variable."""

    name: str
    value: str
    source: str
    """A variable of the build, or the key in pyproject.toml."""


class ProcessRow(Written):
    """A process of the image."""

    type: str
    command: list[str]
    args: list[str]
    default: bool
    because: str


class NoticeRow(Written):
    """What the log warns of."""

    title: str
    text: str


class Explained(Written):
    """What a build would do, and why."""

    schema_version: Literal[1] = Field(alias="schema")
    python: PythonRow
    manager: ManagerRow
    groups: list[str]
    extras: list[str]
    steps: list[str]
    """The headings of the log, in their order."""
    layers: list[str]
    """The launch layers of the image, but those of heavy packages and of a hook's data: only a build knows of them."""
    settings: list[SettingRow]
    processes: list[ProcessRow]
    alternatives: list[str]
    """Processes that were found and not chosen, with the reason."""
    notices: list[NoticeRow]
