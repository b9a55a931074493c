"""What collectstatic wrote, kept in the cache layer under a key of all that it follows from.

Of the app that is what its files are called, and what is in those that were read. A change of a view or a template,
which collectstatic does not read, leaves its output as it was: Django is not started, and no package is put on disk.

The key is in the names of files and nowhere else. Values of variables go into it as part of one digest; none is stored.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cnb.frozen import frozen
from cnb.platform import Binding
from python_buildpack.app.snapshot import Snapshot, digest_entry, is_git, take_snapshot
from python_buildpack.app_code.watched import Watched, watch
from python_buildpack.layers.cache import Cache
from python_buildpack.support.stored_tree import NotStored, Restored, restore_tree, store_entries

VOLATILE = frozenset({"HOSTNAME", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR"})
"""Variables that differ from build to build and decide nothing."""

_SEPARATOR = b"\0"


@frozen
class Inputs:
    """All that the output of collectstatic follows from, besides the app's files."""

    dependencies: str
    """The identity of the dependencies layer, that of the interpreter included."""
    command: Sequence[str]
    env: Mapping[str, str]
    bindings: tuple[Binding, ...]


@frozen
class Collected:
    """The output of collectstatic in the cache, for an app as it was before."""

    app: Path
    snapshot: Snapshot
    identity: str
    """A digest of the inputs, and of what the app's files are called."""
    cache: Cache

    def restore(self) -> Restored | NotStored:
        """Put the output of an earlier build back, if it followed from the very same. Raises DiskFull."""
        listing = self.cache.keep(self._listing)
        if not listing.exists():
            return NotStored()
        read = [os.fsdecode(path) for path in listing.read_bytes().split(_SEPARATOR)]
        # A list that was damaged leads to another digest, and so to no archive.
        archive = self._archive({path: digest_entry(self.app / path) for path in read})
        return restore_tree(self.cache.keep(archive), self.app)

    def watch(self) -> Watched:
        """Return the app, ready for a run of collectstatic."""
        return watch(self.app, self.snapshot)

    def keep(self, watched: Watched, sure: str) -> None:
        """Keep what was written since for the next build. Raises DiskFull.

        Where files were removed, that cannot be done again from an archive: then nothing is kept.
        """
        found = watched.changes()
        if not found.removed:
            read = watched.read(sure)
            store_entries(self.app, found.written, self.cache.keep(self._archive(read)))
            self.cache.keep(self._listing).write_bytes(_SEPARATOR.join(map(os.fsencode, sorted(read))))

    @property
    def _listing(self) -> str:
        return f"static-{self.identity}.read"

    def _archive(self, read: Mapping[str, str]) -> str:
        contents = (text for item in sorted(read.items()) for text in item)
        return f"static-{_digest((self.identity, *contents))}.tar.zst"


def look_at(app: Path, inputs: Inputs, cache: Cache) -> Collected:
    """Look at the app's files, and open none."""
    snapshot = take_snapshot(app)
    # Which commit it is matters only where somebody reads it.
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
        # CNB_*: the lifecycle's own, among them paths that are new in each build. The platform is in the identity.
        if name not in VOLATILE and not name.startswith("CNB_"):
            yield f"{name}={value}"
    for binding in inputs.bindings:
        yield f"{binding.name} {binding.type}"
        for entry in binding.entries:
            yield f"{entry}={binding.secret(entry)}"
