"""The processes of a build, found by a variable in their environment, and how they are ended.

A note of their numbers could not be written at the moment at which they start; the kernel's own note always is.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

_POLL = 0.002
"""Seconds."""


def variable_of(platform: Path) -> str:
    """Return the variable that all processes of a build with this platform directory have, as ``NAME=value``."""
    return f"CNB_PLATFORM_DIR={platform}"


def processes_with(variable: str) -> list[int]:
    """Return the numbers of the processes that have ``variable`` (``NAME=value``) in their environment.

    Also of those that were killed and of which a thread is still in a call to the kernel: it may still write a file.
    """
    wanted = os.fsencode(variable)
    proc = Path("/proc")
    numbers = [int(path.name) for path in proc.iterdir() if path.name.isdecimal()] if proc.is_dir() else []
    return [pid for pid in numbers if pid != os.getpid() and wanted in _environment(pid)]


def end_leftovers(variable: str, patience: float = 5.0) -> bool:
    """Kill every process that has ``variable``, those started meanwhile too; return whether all are gone.

    ``patience`` is how many seconds they have.
    """
    deadline = time.monotonic() + patience
    while leftovers := processes_with(variable):
        send(leftovers, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def send(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to those that are still there and may be sent one."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _environment(pid: int) -> list[bytes]:
    """Return the environment as the first thread has it that has not ended; empty for a process of somebody else."""
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                if text := (thread / "environ").read_bytes():
                    return text.split(b"\0")
    return []
