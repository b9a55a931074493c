"""Running one executable of a buildpack to its end, with nothing left behind."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NOT_RUN = -1
"""The status of what could not be started or was killed: the lifecycle makes no difference between them."""

_GRACE = 5.0


@dataclass(frozen=True, slots=True)
class User:
    """Who runs something; only root can choose."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Step:
    """An executable with its whole environment, working directory and output."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    user: User | None = None
    listener: Callable[[str], None] | None = None
    """Gets the output line by line while the step runs."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended, and all that it printed on standard output and standard error."""

    status: int
    output: str


def run(step: Step) -> Ended:
    """Run ``step``. When it ends, whatever it left running is killed, as it is with a build container."""
    try:
        process = subprocess.Popen(
            step.argv,
            env=dict(step.env),
            cwd=step.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
            **as_user(step.user),  # type: ignore[call-overload]  # the keywords depend on the user
        )
    except (OSError, ValueError) as problem:  # ValueError: a NUL in a variable
        message = f"{step.argv[0]} cannot be run: {problem}\n"
        if step.listener is not None:
            step.listener(message)
        return Ended(NOT_RUN, message)
    with process:
        try:
            reader, lines = _listen(process, step.listener)
            status = process.wait()
        finally:
            kill_group(process.pid)
        # Normally at once; a daemon that left the group may hold the pipe, and is not waited for.
        reader.join(_GRACE)
    return Ended(status if status >= 0 else NOT_RUN, "".join(lines))


def as_user(user: User | None) -> dict[str, object]:
    """Return the keywords that make subprocess run something as ``user``."""
    return {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}


def kill_group(group: int) -> None:
    """Kill all processes of the process group ``group``; that there are none is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _listen(
    process: subprocess.Popen[str], listener: Callable[[str], None] | None
) -> tuple[threading.Thread, list[str]]:
    lines: list[str] = []

    def read() -> None:
        for line in process.stdout or ():
            lines.append(line)
            if listener is not None:
                listener(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return reader, lines
