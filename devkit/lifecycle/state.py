"""The state directory of one app: what is kept between builds, also if one is killed at any moment.

``record.json`` says what the previous image and the cache are, and only its replacement by a rename makes a build
count. The contents that it names live in two places:

- the cache as ``cache/<digest>.tar``;
- the image in ``contents/<token>/``, or, while ``mounted.json`` exists, perhaps already at the path where processes
  expect it (``layers/<buildpack>/<layer>``, ``workspace``). ``mounted.json`` is written before the first directory is
  moved there and removed after the last one is back, so the way back is always known.

A build first moves everything back, then works in emptied ``layers`` and ``workspace``. What it made moves to
``contents`` under new tokens before the record is replaced. So whenever a build ends early, the old record and all
that it names are whole, and whatever no record names is swept by the next one. Nothing is ever copied for safety.
"""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.lifecycle import trees
from devkit.lifecycle.leftovers import end_leftovers
from devkit.lifecycle.problems import StateBusy, StateUnreadable
from devkit.lifecycle.records import ImageRecord, Record

_EXCLUSIVE = fcntl.LOCK_EX | fcntl.LOCK_NB
_SHARED = fcntl.LOCK_SH | fcntl.LOCK_NB


@dataclass(frozen=True, slots=True)
class State:
    """The state directory at ``root``, which must be an absolute path: it is baked into what is built."""

    root: Path

    @property
    def workspace(self) -> Path:
        """The app directory, during a build and at launch."""
        return self.root / "workspace"

    @property
    def layers(self) -> Path:
        """The layers directory, during a build and at launch."""
        return self.root / "layers"

    @property
    def platform(self) -> Path:
        """The platform directory of the build."""
        return self.root / "platform"

    @property
    def scratch(self) -> Path:
        """Plans and other passing files."""
        return self.root / "tmp"

    def archive(self, digest: str) -> Path:
        """Return where the cached layer with ``digest`` is kept."""
        return self.root / "cache" / f"{digest.removeprefix('sha256:')}.tar"

    def read_record(self) -> Record:
        """Return what the last successful build left; raises StateUnreadable."""
        path = self.root / "record.json"
        return Record.from_json(path.read_text()) if path.exists() else Record()

    @contextlib.contextmanager
    def building(self) -> Iterator[Record]:
        """Hold the state for a build: repaired, with nothing mounted and the working directories empty.

        Yields the record of the previous build. Raises StateBusy while a build or a launched process uses the state.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock(_EXCLUSIVE):
            self.unmount()
            record = self.read_record()
            self._sweep(record)
            yield record

    @contextlib.contextmanager
    def launching(self) -> Iterator[ImageRecord | None]:
        """Hold the state for a launched process, with the image in place; other processes may be launched beside it.

        Yields the image, or None when there is none. Raises StateBusy during a build.
        """
        if not self.root.is_dir():
            yield None
            return
        with contextlib.ExitStack() as held:
            try:
                descriptor = held.enter_context(self._lock(_EXCLUSIVE))
            except StateBusy:
                # Not free, but perhaps only for others that launched the same image.
                held.enter_context(self._lock(_SHARED))
            else:
                self.unmount()
                self.mount(self.read_record().image)
                fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield self.read_record().image

    def adopt(self, path: Path) -> str:
        """Take a directory that a build made out of its place into ``contents``; return its token."""
        token = f"{path.name}-{secrets.token_hex(6)}"
        trees.move(path, self.root / "contents" / token)
        return token

    def commit(self, record: Record) -> None:
        """Make ``record`` the state. This is the moment at which a build counts."""
        _write(self.root / "record.json", record.to_json())
        self._sweep(record)

    def mount(self, image: ImageRecord | None) -> None:
        """Put the image's contents, and nothing else, to where its processes expect them."""
        for path in (self.layers, self.workspace):
            trees.delete(path)
        self.layers.mkdir()
        contents = image.contents if image else {}
        _write(self.root / "mounted.json", json.dumps(dict(contents)))
        for place, token in contents.items():
            home = self.root / "contents" / token
            if not home.exists():
                raise StateUnreadable(f"{place} of the image is gone from {self.root}: remove that directory")
            trees.move(home, self.root / place)

    def unmount(self) -> None:
        """Put the image's contents back to ``contents``. Does nothing if they are there already."""
        # What still runs after its build must not write into the next.
        if not end_leftovers(self.root):
            raise StateBusy(f"processes of an earlier build in {self.root} cannot be ended")
        path = self.root / "mounted.json"
        if not path.exists():
            return
        mounted: Mapping[str, str] = json.loads(path.read_text())
        for place, token in mounted.items():
            # Killed half-way there or back, some are home already.
            if (self.root / place).exists():
                trees.move(self.root / place, self.root / "contents" / token)
        path.unlink()

    def _sweep(self, record: Record) -> None:
        tokens = set(record.image.contents.values()) if record.image else set()
        archives = {self.archive(digest).name for digest in record.cache.digests()}
        for folder, kept in (("contents", tokens), ("cache", archives)):
            (self.root / folder).mkdir(exist_ok=True)
            for path in (self.root / folder).iterdir():
                if path.name not in kept:
                    trees.delete(path)
        for path in (self.layers, self.workspace, self.platform, self.scratch):
            trees.delete(path)

    @contextlib.contextmanager
    def _lock(self, kind: int) -> Iterator[int]:
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, kind)
        except BlockingIOError as problem:
            os.close(descriptor)
            raise StateBusy(f"another build or a launched process is using {self.root}") from problem
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _write(path: Path, text: str) -> None:
    """Replace ``path`` in one step, so that a reader finds the old text or the new one."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text)
    draft.replace(path)
