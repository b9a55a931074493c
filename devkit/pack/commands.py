"""Running the platform's programs, and reporting clearly when this machine cannot run it."""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from devkit.errors import DevkitError
from python_buildpack.ports.interfaces import Finished

TAIL = 30
"""Lines of a failed program's output that are shown: the reason is nearly always at the end."""
LONGEST = 1800.0
"""Seconds after which a program is killed: the slowest (a compiler image over a slow line) takes a few minutes."""


class PlatformUnavailable(DevkitError):
    """This machine lacks something that the real platform (Docker, pack, the lifecycle, base images) needs."""

    def __init__(self, what: str, cure: str) -> None:
        # A log that is quoted stays apart from what we say.
        super().__init__(f"{what}\n{cure}" if "\n" in what else f"{what} {cure}")


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    echo: Callable[[str], object] | None = None,
    timeout: float = LONGEST,
) -> Finished:
    """Run a program to its end with both its outputs merged; ``env`` adds to this process's environment.

    ``echo`` gets each line as it comes. A program that is missing has status 127, one that took too long is killed
    and has a negative status.
    """
    arguments = [str(argument) for argument in argv]
    try:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        return Finished(127, f"{arguments[0]}: not found")
    timer = threading.Timer(timeout, process.kill)
    timer.start()
    try:
        with process:
            lines = _read_lines(process, echo)
    finally:
        timer.cancel()
    return Finished(process.returncode, "".join(lines))


def _read_lines(process: "subprocess.Popen[str]", echo: Callable[[str], object] | None) -> list[str]:
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if echo is not None:
            echo(line.rstrip("\n"))
    return lines


def run_step(
    what: str, argv: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a program that the platform cannot do without and return its output. Raises PlatformUnavailable."""
    finished = run(argv, cwd=cwd, env=env)
    if finished.status != 0:
        command = " ".join(str(argument) for argument in argv)
        raise PlatformUnavailable(
            f"{what} failed: `{command}` ended with status {finished.status}:\n{tail(finished.output)}",
            "Repair what the output names (often the network or a missing package), then try again.",
        )
    return finished.output


def tail(output: str) -> str:
    """Return the last lines of a log."""
    return "\n".join(output.splitlines()[-TAIL:])
