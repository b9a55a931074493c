"""Under what an app is built: everything that differs from machine to machine and must not show in an image."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit.errors import DevkitError
from devkit.lifecycle.steps import User
from devkit.pack.debian import install_missing

_LIBRARY = "faketime/libfaketime.so.1"
_DAYS = 2
"""Not more: the certificates of package indexes have to be valid then."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """One set of circumstances."""

    name: str
    cores: frozenset[int]
    user: User | None
    env: Mapping[str, str]
    """Variables of the build that may not matter."""

    def __str__(self) -> str:
        """Return what a reader of the report wants to know of it."""
        user = f"uid {self.user.uid}" if self.user else f"uid {os.getuid()}"
        days = f"{_DAYS} days later" if "FAKETIME" in self.env else "today"
        return f"{self.name}: {days}, {len(self.cores)} core(s), {user}, TZ={self.env['TZ']}"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Hold this process, and so all that it starts, to these cores for a while."""
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self.cores)
        try:
            yield
        finally:
            os.sched_setaffinity(0, cores)


def usual() -> Conditions:
    """Return the conditions of this machine."""
    return Conditions("first", frozenset(os.sched_getaffinity(0)), None, {"TZ": "UTC", "LANG": "C.UTF-8"})


def unusual() -> Conditions:
    """Return others in every respect; another user only where we may choose one. Raises DevkitError."""
    return Conditions(
        name="second",
        cores=frozenset({min(os.sched_getaffinity(0))}),
        user=User(4711, 4712) if os.geteuid() == 0 else None,
        env={
            "TZ": "Pacific/Kiritimati",
            "LANG": "C",
            "PYTHONHASHSEED": "4711",
            "LD_PRELOAD": str(_time_shifter()),
            "FAKETIME": f"+{_DAYS}d",
            # Only the clock: with shifted file times and timers, tools see files from the future or wait too long.
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Even then libfaketime 0.9.10 counts the shift into waits for a condition with a time limit, and they end
            # at once: threads that wait for Python's global lock would spin. So each takes 5 ms, as that lock's do.
            "FAKETIME_WAIT_MS": "5",
            "FAKETIME_FORCE_MONOTONIC_FIX": "1",
        },
    )


def _time_shifter() -> Path:
    """Return the library that makes a process see another day, from Debian's package if it is missing."""
    install_missing({"faketime": "faketime"})
    for folder in (Path("/usr/lib"), Path("/usr/local/lib")):
        for library in (folder / _LIBRARY, *folder.glob(f"*/{_LIBRARY}")):
            if library.exists():
                return library
    raise DevkitError("libfaketime.so.1 is not where its package puts it; is faketime installed?")
