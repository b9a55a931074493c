"""What collectstatic wrote, kept in the cache layer under a key of all that it follows from.

The key is in the file's name and nowhere else. Values of variables go into it as part of one digest; none is stored.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cnb.platform import Binding
from cnb.records import record
from python_buildpack.cache_layer import Cache
from python_buildpack.snapshot import Changes, Snapshot, changes, digest_content, take_snapshot
from python_buildpack.stored_tree import NotStored, Restored, restore_tree, store_entries

VOLATILE = frozenset({"HOSTNAME", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR"})
"""Variables that differ from build to build and decide nothing."""


@record
class Inputs:
    """All that the output of collectstatic follows from, besides the app's files."""

    dependencies: str
    """The identity of the dependencies layer, that of the interpreter included."""
    command: Sequence[str]
    env: Mapping[str, str]
    bindings: tuple[Binding, ...]


@record
class Before:
    """The app as it was before collectstatic."""

    app: Path
    snapshot: Snapshot
    digest: str

    def changes(self) -> Changes:
        """Return what is different by now."""
        return changes(self.snapshot, take_snapshot(self.app))


def look_at(app: Path) -> Before:
    """Read the whole app once."""
    snapshot = take_snapshot(app)
    return Before(app, snapshot, digest_content(app, snapshot))


def restore(cache: Cache, before: Before, inputs: Inputs) -> Restored | NotStored:
    """Put the output of an earlier build back, if it followed from the very same. Raises DiskFull."""
    return restore_tree(_file(cache, before, inputs), before.app)


def keep(cache: Cache, before: Before, inputs: Inputs) -> None:
    """Keep what was written since ``before`` for the next build. Raises DiskFull.

    Where files were removed, that cannot be done again from an archive: then nothing is kept.
    """
    found = before.changes()
    if not found.removed:
        store_entries(before.app, found.written, _file(cache, before, inputs))


def _file(cache: Cache, before: Before, inputs: Inputs) -> Path:
    total = hashlib.sha256()
    for text in _texts(before, inputs):
        total.update(text.encode(errors="surrogateescape") + b"\0")
    return cache.file(f"static-{total.hexdigest()}.tar.zst")


def _texts(before: Before, inputs: Inputs) -> Iterator[str]:
    yield before.digest
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
