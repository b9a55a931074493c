"""Finds what a hook writes into the home directory of the build's user, which is not part of the image."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_buildpack.ports.interfaces import Reporter

_DEPTH = 2
"""``~/nltk_data``, ``~/.local/share``: deeper folders belong to those."""
_MAX_ENTRIES = 10_000
_NAMED = 5
_CACHES = (
    ".npm",
    ".yarn",
    ".yarnrc",
    ".node-gyp",
    ".pnpm-store",
    ".cargo",
    ".rustup",
    ".gem",
    ".bundle",
    ".gradle",
    ".m2",
)
"""Where package managers of other languages keep downloads, which no app looks for when it runs."""


@contextmanager
def losses_named(hook: str, home: str | None, inside: tuple[Path, ...], reporter: Reporter) -> Iterator[None]:
    """Warn after the block of entries that are new in the home directory. ``inside`` are places that are kept."""
    root = Path(home) if home else None
    if root is None or not root.is_dir() or any(place.is_relative_to(root) for place in inside):
        yield
        return
    before = set(_entries(root))
    yield
    new = {entry for entry in set(_entries(root)) - before if entry.partition("/")[0] not in _CACHES}
    tops = sorted(entry for entry in new if os.path.dirname(entry) not in new)  # noqa: PTH120 - text, no file
    if tops:
        named = ", ".join(f"~/{entry}" for entry in tops[:_NAMED])
        reporter.warning(
            f"What {hook} wrote into the home directory is not in the image",
            f"{named} {'are' if len(tops) > 1 else 'is'} lost when the build ends. Let the hook write into the app's "
            "directory (many programs have a variable or an option for the place), and let the app look there.",
        )


def _entries(root: Path) -> Iterator[str]:
    """Yield the entries of the directory and of its folders, as paths below it."""
    found = 0
    for folder, directories, files in os.walk(root):
        below = os.path.relpath(folder, root)
        depth = 0 if below == "." else below.count("/") + 1
        for name in (*directories, *files):
            found += 1
            if found > _MAX_ENTRIES:
                return
            yield name if below == "." else f"{below}/{name}"
        directories[:] = sorted(directories) if depth + 1 < _DEPTH else []
