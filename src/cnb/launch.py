"""launch.toml: how the image is started and described (spec: Buildpack, launch.toml)."""

import re
from collections import Counter

from cnb.frozen import frozen

_PROCESS_TYPE = re.compile(r"[A-Za-z0-9._-]+")


@frozen
class Process:
    """A program that the image can run, without a shell."""

    type: str
    command: tuple[str, ...]
    """The program and the arguments that are always passed to it."""
    args: tuple[str, ...] = ()
    """Arguments that ``docker run IMAGE …`` replaces."""
    default: bool = False
    working_dir: str | None = None
    """None means the app directory."""
    exec_env: tuple[str, ...] = ()
    """The execution environments in which the launcher offers it (Buildpack API 0.12); empty means all of them."""

    def __post_init__(self) -> None:
        check_process_type(self.type)
        if not self.command or not self.command[0]:
            raise ValueError(f"the process {self.type} has no command")


@frozen
class Label:
    """A label of the image."""

    key: str
    value: str


@frozen
class Slice:
    """Files of the app for a layer of their own, as glob patterns relative to the app directory, without ``**``."""

    paths: tuple[str, ...]


@frozen
class Launch:
    """The content of launch.toml. At most one process is the default, and no two have the same type."""

    processes: tuple[Process, ...] = ()
    labels: tuple[Label, ...] = ()
    slices: tuple[Slice, ...] = ()

    def __post_init__(self) -> None:
        repeated = [name for name, count in Counter(process.type for process in self.processes).items() if count > 1]
        if repeated:
            # The lifecycle would silently keep the last one.
            raise ValueError(f"process types given more than once: {', '.join(repeated)}")
        defaults = [process.type for process in self.processes if process.default]
        if len(defaults) > 1:
            raise ValueError(f"more than one default process: {', '.join(defaults)}")


def check_process_type(name: str) -> None:
    """Raise ValueError unless ``name`` is a valid process type: it becomes a file name in the image."""
    if not _PROCESS_TYPE.fullmatch(name):
        raise ValueError(f"{name!r} is not a process type: letters, digits, '.', '_' and '-' may be used")


def launch_document(launch: Launch) -> dict[str, object]:
    """Return the document of launch.toml; it is empty for an empty ``launch``."""
    document: dict[str, object] = {
        "processes": [_process_document(process) for process in launch.processes],
        "labels": [{"key": label.key, "value": label.value} for label in launch.labels],
        "slices": [{"paths": each.paths} for each in launch.slices],
    }
    return {key: tables for key, tables in document.items() if tables}


def _process_document(process: Process) -> dict[str, object]:
    document: dict[str, object] = {"type": process.type, "command": process.command}
    if process.args:
        document["args"] = process.args
    if process.default:
        document["default"] = True
    if process.working_dir is not None:
        document["working-dir"] = process.working_dir
    if process.exec_env:
        document["exec-env"] = process.exec_env
    return document
