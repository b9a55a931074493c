"""The processes of a build, and how they are ended, also those whose build was itself killed.

They are found by a variable in their environment, or because their program is in a layer: the compiler of bytecode is
given no variable of the lifecycle's. A note of their numbers could not be written at the moment at which they start;
the kernel's own note always is.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

_POLL = 0.002
"""Seconds."""


def processes_of(root: Path) -> list[int]:
    """Return the numbers of the processes of the builds whose state is in the directory ``root``.

    Also of those that were killed and of which a thread is still in a call to the kernel: it may still write a file.
    """
    wanted = os.fsencode(f"CNB_PLATFORM_DIR={root / 'platform'}")
    layers = f"{root / 'layers'}/"
    proc = Path("/proc")
    numbers = [int(path.name) for path in proc.iterdir() if path.name.isdecimal()] if proc.is_dir() else []
    others = (pid for pid in numbers if pid != os.getpid())
    return [pid for pid in others if wanted in _environment(pid) or _program(pid).startswith(layers)]


def end_leftovers(root: Path, patience: float = 5.0) -> bool:
    """Kill the processes of the builds in ``root``, those started meanwhile too; return whether all are gone.

    ``patience`` is how many seconds they have.
    """
    deadline = time.monotonic() + patience
    while leftovers := processes_of(root):
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
    for thread in _threads(pid):
        with contextlib.suppress(OSError):
            if text := (thread / "environ").read_bytes():
                return text.split(b"\0")
    return []


def _program(pid: int) -> str:
    """Return the path of the program that a process runs, empty for a process of somebody else."""
    for thread in _threads(pid):
        with contextlib.suppress(OSError):
            return str((thread / "exe").readlink())
    return ""


def _threads(pid: int) -> list[Path]:
    with contextlib.suppress(OSError):  # it has ended, or is not ours
        return list(Path(f"/proc/{pid}/task").iterdir())
    return []
