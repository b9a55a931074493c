"""Sees what the programs of an installation read of the app: by the access times of its files and directories.

Only what programs read counts, not what the buildpack itself reads: the marks are set when a program starts, and looked
at when it ends. Each is set once: it changes the ctime, by which uv knows whether what it has built is still right.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cnb.frozen import field, frozen
from python_buildpack.app.reads import file_system_mounts, is_marked, mark_unread, records_reads
from python_buildpack.app.snapshot import Snapshot, take_snapshot
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished

Times = Mapping[str, os.stat_result]
"""The status of each marked entry, by path."""


@frozen
class AppReads:
    """What the programs of an installation read of the app's directory, by relative path."""

    before: Snapshot
    """The app before the installation."""
    files: frozenset[str] = frozenset()
    """Files whose content was read. A file that has other content after the installation is not an input."""
    listed: frozenset[str] = frozenset()
    """Directories whose names were read; "" is the app's directory."""
    is_known: bool = True
    """Whether the file system records reads; if not, nothing is known about them."""


@frozen
class ReadingRunner:
    """Implements ports.CommandRunner: runs programs, and adds up what they read of the app."""

    app: Path
    runner: CommandRunner
    before: Snapshot
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    """Entries that could not be marked: if there is one, nothing is known about reads."""
    is_marking: bool = True
    """Whether reads are noted."""

    @classmethod
    def of(cls, app: Path, runner: CommandRunner) -> "ReadingRunner":
        """Return a runner for programs that read the app as it is now."""
        return cls(app, runner, take_snapshot(app))

    def run(self, command: Command) -> Finished:
        """Run ``command``, and note what it reads and writes."""
        marked = dict(self._mark()) if self.is_marking else {}
        try:
            return self.runner.run(command)
        finally:
            self._look(marked)

    def reads(self, is_rewritten: Callable[[str], bool]) -> AppReads:
        """Return what all programs together have read.

        ``is_rewritten`` says of a file of the upload, by its path, whether its content is another now: backends may
        also write a file and put it back, as those do that set the version in pyproject.toml for a moment.
        """
        read = {path for path in self.read if path not in self.written or not is_rewritten(path)}
        links = {path for path, mark in self.before.items() if mark.link and self._target(path) in read}
        files = {path for path in read if path and stat.S_ISREG(self.before[path].mode)}
        is_known = not self.unknown and self._records()
        return AppReads(self.before, frozenset(files | links), frozenset(read - files), is_known)

    def _mark(self) -> Iterator[tuple[str, os.stat_result]]:
        for path in _real(self.before):
            with suppress(FileNotFoundError):
                status = self._status(path)
                try:
                    if path not in self.read and not is_marked(status):
                        mark_unread(f"{self.app}/{path}", status)
                except OSError:
                    # Another user's file, or a file system that is read-only.
                    self.unknown.add(path)
                else:
                    yield path, status

    def _look(self, marked: Times) -> None:
        for path, status in marked.items():
            with suppress(OSError):
                now = self._status(path)
                if not is_marked(now):
                    self.read.add(path)
                if stat.S_ISREG(now.st_mode) and (now.st_mtime_ns, now.st_size) != (status.st_mtime_ns, status.st_size):
                    self.written.add(path)

    def _status(self, path: str) -> os.stat_result:
        return os.stat(f"{self.app}/{path}", follow_symlinks=False)  # noqa: PTH116 - thousands of paths

    def _target(self, path: str) -> str:
        return os.path.relpath(os.path.realpath(self.app / path), os.path.realpath(self.app))

    def _records(self) -> bool:
        """Say whether a read leaves a mark here: by reading a file and a directory, and by the kind of file system."""
        device = self._status("").st_dev
        mark_unread(f"{self.app}/", self._status(""))
        list(self.app.iterdir())
        if is_marked(self._status("")):
            # Mounted with nodiratime: new files of a project would not be seen.
            return False
        regular = (path for path, mark in self.before.items() if stat.S_ISREG(mark.mode) and mark.size)
        for path in regular:
            with suppress(OSError):
                full = self.app / path
                mark_unread(str(full), self._status(path))
                with full.open("rb") as file:
                    file.read(1)
                return not is_marked(self._status(path)) and records_reads(device, file_system_mounts())
        return True


def _real(snapshot: Snapshot) -> Iterable[str]:
    """Yield the paths of the files and directories, and "" for the root; no links, which may lead out of the app."""
    yield ""
    yield from (path for path, mark in snapshot.items() if stat.S_ISREG(mark.mode) or stat.S_ISDIR(mark.mode))
