"""Watches the directories of layers while code runs that is not the buildpack's, and undoes what that changes in them.

A layer would be exported with the changes, and reused by later builds, also when the code that made them is gone.
"""

from collections.abc import Callable
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.trees import remove
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.fingerprint import Fingerprint, take_fingerprint

_NAMED = 3


class LayerChanged(BuildpackError):
    """Code that a build ran has changed a layer, such as its variables or its copy in the cache, beyond repair."""

    code = "layer-changed"
    title = "A program of the build changed a layer"


class WatchedLayer:
    """A layer's directory, and its fingerprint as the buildpack last wrote it; unknown while it is not on disk."""

    def __init__(self, root: Path, content: str, reporter: Reporter) -> None:
        """Take the directory, which need not exist yet, and the name of the entry with the content."""
        self._root = root
        self._content = content
        self._reporter = reporter
        self._written: Fingerprint | None = None

    @property
    def is_on_disk(self) -> bool:
        """Whether the buildpack has written the directory; something else could have made it."""
        return self._written is not None

    def written(self) -> None:
        """Take note that the buildpack has written the directory. No other program may run meanwhile."""
        self._written = take_fingerprint(self._root)

    def forget(self) -> None:
        """Take note that the directory is not on disk any more."""
        self._written = None

    def undo_changes(self, by: str, make_again: Callable[[], object]) -> None:
        """Undo what ``by`` (a step, for the log) has changed since ``written``.

        New entries are removed. If others are changed or gone, ``make_again`` writes the content anew, in a directory
        without it. Raises LayerChanged if there are changes besides the content; FileNotWritten; and what
        ``make_again`` raises.
        """
        if self._written is None:
            return
        now = take_fingerprint(self._root)
        added, changed = self._written.added(now), self._written.changed(now)
        if not added and not changed:
            return
        names = ", ".join([*changed, *added][:_NAMED])
        self._reporter.line(
            f"Undone: {by} changed {len(added) + len(changed)} entries in {self._root}, among them {names}"
        )
        beside = [path for path in changed if path.partition("/")[0] != self._content]
        if beside or (self._written.entries and self._root.is_symlink()):
            raise LayerChanged(
                f"{by} changed {beside[0] if beside else self._root} of the layer {self._root.name}.",
                "Find the code that writes there; it belongs to the app or to one of its packages.",
            )
        for path in added:
            remove(self._root / path)
        if changed:
            remove(self._root / self._content)
            make_again()
            self.written()
