"""The fingerprint of a directory: equal as long as no program has changed anything in it. No file is opened.

A change of a file's content, mode or links changes its ctime, which no program can set back (inode(7)). So the same
signature means the same content; equal content that was written again has another one.
"""

import os
from collections.abc import Mapping

from cnb.frozen import frozen

Signature = tuple[int, int, int, int]
"""The inode, the mode, the size and the ctime in nanoseconds."""


@frozen
class Fingerprint:
    """The signatures of all entries below a directory, by relative path. Directories have no times and no sizes."""

    entries: Mapping[str, Signature]

    def added(self, now: "Fingerprint") -> tuple[str, ...]:
        """Return the paths that are new in ``now``, sorted: directories come before their entries."""
        return tuple(sorted(now.entries.keys() - self.entries.keys()))

    def changed(self, now: "Fingerprint") -> tuple[str, ...]:
        """Return the paths that are gone or have another signature in ``now``, sorted."""
        return tuple(sorted(path for path, seen in self.entries.items() if now.entries.get(path) != seen))


def signature(status: os.stat_result) -> Signature:
    """Return the signature of one entry."""
    return status.st_ino, status.st_mode, status.st_size, status.st_ctime_ns


def take_fingerprint(root: str | os.PathLike[str], without: str = "") -> Fingerprint:
    """Return the fingerprint of what is there, links not followed; an absent directory has an empty one.

    ``without`` is an entry of ``root`` that does not count.
    """
    if os.path.islink(root):  # noqa: PTH114 - a text is enough
        return Fingerprint({"": signature(os.lstat(root))})
    entries: dict[str, Signature] = {}
    folders = [(os.fspath(root), "")]
    while folders:
        folder, inside = folders.pop()
        try:
            found = os.scandir(folder)
        except OSError:
            # The directory's own signature shows that it was closed to us.
            continue
        with found:
            for entry in found:
                status = entry.stat(follow_symlinks=False)
                path = inside + entry.name
                if path == without:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    entries[path] = (status.st_ino, status.st_mode, 0, 0)
                    folders.append((entry.path, path + "/"))
                else:
                    entries[path] = signature(status)
    return Fingerprint(entries)
