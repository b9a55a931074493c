"""The three ports through which the buildpack touches the world besides files: network, processes, people.

Each is small enough to be written again for a test without importing anything of ours. They are built once, in
``entry.py``, and handed down. No module outside this package opens a connection, starts a program or prints, but for
programs of their own (which another Python runs, in the build or in the image) and ``cnb.runtime``, which prints why
detect says no; ``tests/architecture/test_ports.py`` holds that. Of this package, ``fetching.post`` is used without a
port: the record of a build is sent where telemetry is asked for, and by nobody else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cnb.frozen import frozen


@frozen
class Download:
    """A file to fetch: where it can be had, best place first, and the digest that makes it the right one."""

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


@frozen
class Finished:
    """How a command ended."""

    status: int
    """The exit status; negative when a signal ended it."""
    output: str
    """Standard output and standard error, merged as they came."""


class CommandRunner(Protocol):
    """Runs programs to their end."""

    def run(self, command: Command) -> Finished:
        """Run ``command``. A status other than 0 is a value, not an error; a missing program is status 127."""


class Reporter(Protocol):
    """Shows people what is decided, done and wrong. Implementations redact secrets from all they are given."""

    def heading(self, text: str) -> None:
        """Open a part of the build log; the headings are the lines of ``build()``."""

    def line(self, text: str) -> None:
        """Say one thing below the heading."""

    def output(self, text: str) -> None:
        """Pass on one line that a tool printed."""

    def warning(self, title: str, text: str) -> None:
        """Say what works now and will hurt later, and what to do."""
