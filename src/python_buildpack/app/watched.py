"""Watches the app's directory while a program runs: which files it may have read, and what it changed."""

import os
import stat
from collections.abc import Iterator, Mapping
from importlib.util import source_from_cache
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.app.reads import file_system_mounts, mark_all_unread, records_reads, unread
from python_buildpack.app.snapshot import Changes, Snapshot, changes, digest_entry, is_git, take_snapshot

_SOURCES = (".py", ".html", ".jinja", ".jinja2", ".j2", ".po", ".md", ".rst")
"""Files that can count as unread. All others count as read: cloning a file leaves no mark (ioctl_ficlone(2))."""


@frozen
class Watched:
    """An app whose files were marked before a run, to see which ones it read."""

    app: Path
    contents: Mapping[str, str]
    """Digests of all files before the run, and of .git's directories, by their paths."""
    snapshot: Snapshot

    def changes(self) -> Changes:
        """Return what has changed since the run began."""
        return changes(self.snapshot, take_snapshot(self.app))

    def read(self, sure: str) -> Mapping[str, str]:
        """Return the paths of all files that may have been read, with digests of their contents before the run.

        ``sure`` is a file that was certainly read. If even that one counts as unread, access times are not recorded:
        then the result is all files.
        """
        device = self.app.stat().st_dev
        files = [path for path, mark in self.snapshot.items() if stat.S_ISREG(mark.mode)]
        untouched = set(unread(self.app, files, device))
        if sure in untouched or not records_reads(device, file_system_mounts()):
            return self.contents
        believed = {path for path in untouched if path.endswith(_SOURCES)} - set(self._compiled(device))
        read = {path for path in files if not is_git(path)} - believed
        if any(is_git(path) for path in files if path not in untouched):
            # A program that finds out the commit may have looked for any branch, also for one that does not exist yet.
            read |= {path for path in self.contents if is_git(path)}
        return {path: digest for path, digest in self.contents.items() if path in read}

    def _compiled(self, device: int) -> Iterator[str]:
        """Yield the sources instead of which Python read bytecode that is part of the app."""
        compiled = list(_bytecode(self.app))
        for path in set(compiled) - set(unread(self.app, compiled, device)):
            try:
                yield source_from_cache(path)
            except ValueError:
                # Bytecode of an older Python, or another file: imports do not read it.
                continue


def watch(app: Path, snapshot: Snapshot) -> Watched:
    """Mark the app's files, which ``snapshot`` lists, and return the app for a run that is to be watched."""
    files = [path for path, mark in snapshot.items() if stat.S_ISREG(mark.mode)]
    folders = [path for path, mark in snapshot.items() if is_git(path) and stat.S_ISDIR(mark.mode)]
    contents = {path: digest_entry(app / path) for path in (*files, *folders)}
    mark_all_unread(app, files)
    mark_all_unread(app, _bytecode(app))
    # A new snapshot, because marking changes the files.
    return Watched(app, contents, take_snapshot(app))


def _bytecode(app: Path) -> Iterator[str]:
    for directory, _, names in os.walk(app):
        yield from (os.path.relpath(f"{directory}/{name}", app) for name in names if name.endswith(".pyc"))
