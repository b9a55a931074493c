"""The processes of a build, found by a variable in their environment, and how they come to an early end."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PATIENCE = 10.0
_INSTALLERS = frozenset({"uv", "pip"})


def build_processes(state: Path) -> tuple[int, ...]:
    """Return the numbers of all processes of the buildpacks that run for this state directory."""
    return tuple(_with_variable(f"CNB_PLATFORM_DIR={state / 'platform'}".encode()))


def kill_all(state: Path) -> bool:
    """Kill every process of the buildpacks, those started meanwhile too; return whether there was one."""
    found = False
    end = time.monotonic() + _PATIENCE
    while _send(build_processes(state), signal.SIGKILL) and time.monotonic() < end:
        found = True
        time.sleep(0.01)
    return found


def terminate_first(state: Path) -> bool:
    """Send SIGTERM to bin/build itself, as a container's runtime does; say whether there was one."""
    found = build_processes(state)
    return _send([pid for pid in found if _parent(pid) not in found], signal.SIGTERM)


def kill_installer(state: Path) -> bool:
    """Kill the program that installs packages, as the kernel does when memory runs out; say whether there was one."""
    return _send([pid for pid in build_processes(state) if _name(pid) in _INSTALLERS], signal.SIGKILL)


def _send(pids: tuple[int, ...] | list[int], number: signal.Signals) -> bool:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return bool(pids)


def _with_variable(variable: bytes) -> Iterator[int]:
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and int(path.name) != os.getpid():
            # What has ended since is none, and what belongs to others is not ours.
            with suppress(OSError):
                if variable in (path / "environ").read_bytes().split(b"\0"):
                    yield int(path.name)


def _parent(pid: int) -> int | None:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return None


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return ""
