"""Where the real platform is kept: outside the repository, once per machine, safe to share between processes."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit.paths import kept

DIGITS = 16
"""Hex digits kept of a fingerprint: enough for the few recipes of a machine, short enough for a label."""


@dataclass(frozen=True, slots=True)
class Cache:
    """A directory of prepared things, each under a name that holds the fingerprint of what it was made from."""

    root: Path

    def folder(self, *names: str) -> Path:
        """Return a directory below the root, made if need be."""
        path = self.root.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the machine-wide lock ``name``: the second process waits, and then finds the work done."""
        with (self.folder("locks") / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def machine_cache() -> Cache:
    """Return the cache that all work on this machine shares."""
    return Cache(kept() / "pack")


def fingerprint(*parts: str | bytes) -> str:
    """Return a short digest that differs when any part, or the way they are split, differs."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()[:DIGITS]
