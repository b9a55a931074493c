"""The three ports by which the buildpack reaches, besides files, the network, other programs and people.

They are made once, in ``entry.py`` and ``wiring.py``, and passed on as arguments. No module outside this package opens
a connection, starts a program or prints. There are two exceptions: modules that are programs themselves, which another
Python runs, in the build or in the image; and ``cnb.runtime``, which prints why detect fails and what it undid.
``tests/architecture/test_ports.py`` checks that. ``fetching.post`` of this package is used without a port, by telemetry
only, to send the record of a build.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cnb.frozen import frozen

_SIGKILL = 9
_KILLED_IN_SHELL = 128 + _SIGKILL
"""The status of a shell whose program was ended by this signal (POSIX, 2.8.2)."""


@frozen
class Download:
    """A file to fetch: its URLs, in the order in which they are tried, and its digest."""

    urls: tuple[str, ...]
    sha256: str


class Fetcher(Protocol):
    """Gets files from HTTP(S) and ``file:`` URLs."""

    def fetch(self, download: Download, destination: Path) -> None:
        """Write the file to ``destination``, whole and verified, or leave nothing there and raise a BuildpackError."""

    def read(self, url: str) -> bytes:
        """Return the body at ``url`` (a small document), or raise a BuildpackError."""


@frozen
class Command:
    """A program to run: no shell, and ``env`` is the whole environment that it gets."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path | None = None
    show: bool = True
    """Whether its output goes to the user while it runs."""
    seconds: float | None = None
    """How long it may take; None for any time."""
    memory: int | None = None
    """How many bytes of memory it may use itself, without the programs that it starts; it is killed if it uses more."""
    is_private: bool = False
    """Whether programs that it starts cannot open its output by /proc, as /dev/stdout does. What an installer says of
    what it builds is then not written by what it builds."""
    is_cancelled: Callable[[], bool] | None = None
    """Asked a few times a second; the program is ended when it returns True."""


@frozen
class Finished:
    """How a command ended."""

    status: int
    """The exit status; negative when a signal ended it."""
    output: str
    """Standard output and standard error, merged as they came; of many megabytes the end."""
    timed_out: bool = False
    """Whether it was ended because it took longer than it may."""
    is_too_large: bool = False
    """Whether it was killed because it used more memory than it may."""

    @property
    def ending(self) -> str:
        """Return for people how it ended: "ended with status 1", or "was killed (signal 9), …"."""
        if self.status == -_SIGKILL:
            return f"was killed (signal {_SIGKILL}), most likely because the memory was used up"
        if self.status == _KILLED_IN_SHELL:
            return f"ended with status {self.status}: a program was killed, most likely because the memory was used up"
        return f"ended with status {self.status}" if self.status >= 0 else f"was ended by signal {-self.status}"


class CommandRunner(Protocol):
    """Runs programs to their end."""

    def run(self, command: Command) -> Finished:
        """Run ``command``. A status other than 0 is a value, not an error; a missing program is status 127."""


class Reporter(Protocol):
    """The log of a build. Implementations hide secrets in all texts that they get."""

    def heading(self, text: str) -> None:
        """Begin a part of the build log."""

    def line(self, text: str) -> None:
        """Print one line below the heading."""

    def output(self, text: str) -> None:
        """Print one line of a tool's output."""

    def warning(self, title: str, text: str) -> None:
        """Warn of something that does not stop the build; the text says what to do."""

    def detail(self, text: str) -> None:
        """Print what only somebody who looks for a fault of the build wants to know."""

    def fact(self, name: str, value: object) -> None:
        """Take a value for the record of the build; people are not shown it. It has nothing of the app's content."""
