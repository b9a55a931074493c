"""The processes of a build, and how they come to an early end."""

import signal
from contextlib import suppress
from pathlib import Path

from devkit.lifecycle.leftovers import end_leftovers, processes_of, send

_PATIENCE = 10.0
"""Seconds."""
_INSTALLERS = frozenset({"uv", "pip"})


def build_processes(state: Path) -> list[int]:
    """Return the numbers of all processes of the buildpacks that run for this state directory."""
    return processes_of(state)


def kill_all(state: Path) -> bool:
    """Kill every process of the buildpacks, those started meanwhile too; return whether there was one."""
    found = bool(build_processes(state))
    end_leftovers(state, _PATIENCE)
    return found


def terminate_first(state: Path) -> bool:
    """Send SIGTERM to bin/build itself, as a container's runtime does; say whether there was one."""
    found = build_processes(state)
    return _send([pid for pid in found if _parent(pid) not in found], signal.SIGTERM)


def kill_installer(state: Path) -> bool:
    """Kill the program that installs packages, as the kernel does when memory runs out; say whether there was one."""
    return _send([pid for pid in build_processes(state) if _name(pid) in _INSTALLERS], signal.SIGKILL)


def _send(pids: list[int], number: signal.Signals) -> bool:
    send(pids, number)
    return bool(pids)


def _parent(pid: int) -> int | None:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return None


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return ""
