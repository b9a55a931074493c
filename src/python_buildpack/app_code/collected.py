"""Keeps the output of collectstatic in the cache layer, under a key of all that decides it.

These are, of the app, the names of all files and the contents of those that were read. If a view or a template changes,
which collectstatic does not read, its output is reused: Django is not started, and no package is restored.

The key is only in the names of files in the cache. Values of variables are part of a digest; they are not stored.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cnb.frozen import frozen
from cnb.platform import Binding
from python_buildpack.app.snapshot import Snapshot, digest_entry, is_git, take_snapshot
from python_buildpack.app.watched import Watched, watch
from python_buildpack.layers.cache import Cache
from python_buildpack.package_managers.build_variables import VOLATILE
from python_buildpack.support.stored_tree import NotStored, Restored, restore_tree, store_entries

_SEPARATOR = b"\0"


@frozen
class Inputs:
    """All that decides the output of collectstatic, besides the app's files."""

    dependencies: str
    """The identity of the dependencies layer, which includes that of the interpreter."""
    command: Sequence[str]
    env: Mapping[str, str]
    bindings: tuple[Binding, ...]


@frozen
class Collected:
    """The kept output of collectstatic, for the app as it was before collectstatic ran."""

    app: Path
    snapshot: Snapshot
    identity: str
    """A digest of the inputs and of the names of the app's files."""
    cache: Cache

    def restore(self) -> Restored | NotStored:
        """Restore the output of an earlier build, if everything that decides it is unchanged. Raises DiskFull."""
        listing = self.cache.keep(self._listing).read()
        if listing is None:
            return NotStored()
        read = [os.fsdecode(path) for path in listing.split(_SEPARATOR)]
        archive = self._archive({path: digest_entry(self.app / path) for path in read})
        return restore_tree(self.cache.keep(archive), self.app)

    def watch(self) -> Watched:
        """Return the app, prepared to see what a run of collectstatic reads and writes."""
        return watch(self.app, self.snapshot)

    def keep(self, watched: Watched, sure: str) -> None:
        """Keep the files that were written since ``watch`` for the next build. Raises DiskFull.

        ``sure`` is a file that was read for certain. If files were removed, nothing is kept: an archive cannot repeat
        that. Files of the upload that were changed count as read: who sets the times of a file could hide that.
        """
        found = watched.changes()
        if not found.removed:
            changed = {path: watched.contents[path] for path in found.written if path in watched.contents}
            read = {**watched.read(sure), **changed}
            store_entries(self.app, found.written, self.cache.keep(self._archive(read)))
            self.cache.keep(self._listing).write(_SEPARATOR.join(map(os.fsencode, sorted(read))))

    @property
    def _listing(self) -> str:
        return f"static-{self.identity}.read"

    def _archive(self, read: Mapping[str, str]) -> str:
        contents = (text for item in sorted(read.items()) for text in item)
        return f"static-{_digest((self.identity, *contents))}.tar.zst"


def look_at(app: Path, inputs: Inputs, cache: Cache) -> Collected:
    """Return the kept output that belongs to the app's files. It reads their names, not their contents."""
    snapshot = take_snapshot(app)
    # Files of git count only if they were read.
    names = (text for path, mark in snapshot.items() if not is_git(path) for text in (path, mark.kind, mark.link))
    return Collected(app, snapshot, _digest((*_texts(inputs), *names)), cache)


def _digest(texts: Sequence[str]) -> str:
    total = hashlib.sha256()
    for text in texts:
        total.update(text.encode(errors="surrogateescape") + b"\0")
    return total.hexdigest()


def _texts(inputs: Inputs) -> Iterator[str]:
    yield inputs.dependencies
    yield repr(tuple(inputs.command))
    for name, value in sorted(inputs.env.items()):
        # CNB_* are the lifecycle's variables; some differ in each build. ``dependencies`` includes the target.
        if name not in VOLATILE and not name.startswith("CNB_"):
            yield f"{name}={value}"
    for binding in inputs.bindings:
        yield f"{binding.name} {binding.type}"
        for entry in binding.entries:
            yield f"{entry}={binding.secret(entry)}"
