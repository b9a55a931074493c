"""Kills a program that uses too much memory, as an installer does with an answer that has no end."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_EVERY = 0.1
"""Seconds between two looks."""


class Memory:
    """The memory of one program that runs, which this process has started and not yet waited for."""

    def __init__(self, pid: int, most: int | None) -> None:
        """Take the number of bytes that it may use; None for any."""
        self._pid = pid
        self._most = most
        self._looked = 0.0
        self.is_exceeded = False

    def limit(self) -> None:
        """Look, if it is time to, and kill the program if it uses too much."""
        now = time.monotonic()
        if self._most is None or self.is_exceeded or now - self._looked < _EVERY:
            return
        self._looked = now
        if _used(self._pid) > self._most:
            self.is_exceeded = True
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._pid, signal.SIGKILL)


def _used(pid: int) -> int:
    """Return the bytes that a program has in memory (proc_pid_statm(5)); 0 where that is not known."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
