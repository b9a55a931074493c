"""Ends what programs leave running, also where it has left their process group (``setsid``, a double fork).

A process whose parent ends is given to its nearest ancestor that is a "subreaper" (PR_SET_CHILD_SUBREAPER(2const)).
The buildpack is one from the first program on. So when no program runs, all children that it did not have before are
orphans. Without this, code that a package ran while it was built could go on during later steps of the build, and
change what they make.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from cnb.errors import BuildpackError

_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_TASKS = Path("/proc/self/task")
_ROUNDS = 10_000
"""Each round ends what is there; only programs that start others without end need so many."""

_lock = Lock()
"""One for the process, as its children are: no orphans are looked for while a program is being started."""
_running: set[int] = set()
_before: set[int] = set()
"""The children that the process had before the first program that is running was started."""


class ProgramsLeft(BuildpackError):
    """A program that ran in the build has left others behind that start new ones faster than they can be ended."""

    code = "programs-left"
    title = "A program of the build cannot be ended"


def start(popen: Callable[[], "subprocess.Popen[bytes]"]) -> "subprocess.Popen[bytes]":
    """Start a program, whose orphans ``ended`` will end. Raises what ``popen`` raises."""
    with _lock:
        if not _running:
            _become_subreaper()
            _before.clear()
            _before.update(_children())
        process = popen()
        _running.add(process.pid)
    return process


def ended(process: "subprocess.Popen[bytes]") -> None:
    """Take note that a program has ended; if it was the last one that runs, end all orphans. Raises ProgramsLeft."""
    with _lock:
        _running.discard(process.pid)
        if _running:
            return
        for _ in range(_ROUNDS):
            orphans = _children() - _before
            if not orphans:
                return
            for pid in filter(_kill, orphans):
                # Its own children are then ours, and are found in the next round.
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)
    raise ProgramsLeft(
        "Programs that a step of the build left behind start new ones without end.",
        "The step before this line in the log starts them: a hook, collectstatic, or the build of a package.",
    )


def _kill(pid: int) -> bool:
    """Kill a process; False if it is not ours to kill, as a setuid program is not."""
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:
        return False
    except ProcessLookupError:
        pass
    return True


def _become_subreaper() -> None:
    # A Python without libffi has no ctypes; then only the program's process group is ended.
    with suppress(ImportError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415 - many builds with nothing changed start no program

        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        # Programs of the same user can then neither attach to this process nor read its memory or its variables.
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _children() -> set[int]:
    """Return the process's children (proc_pid_task(5)); without /proc, none are known."""
    try:
        listed = [(task / "children").read_bytes() for task in _TASKS.iterdir()]
    except OSError:
        # A kernel without CONFIG_PROC_CHILDREN; or a thread that has just ended.
        return _children_by_parent()
    return {int(pid) for line in listed for pid in line.split()}


def _children_by_parent() -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name, in parentheses, may contain anything; the state and the parent follow (proc_pid_stat(5)).
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
            if int(fields[1]) == os.getpid():
                found.add(int(folder.name))
    return found
