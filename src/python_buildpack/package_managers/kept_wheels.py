"""Keeps downloaded wheels for later builds: a changed dependency then costs the download of that one.

They are kept as uv and pip have them in their own caches, so that the tool decides, by its lock's digests and by the
tags, whether a wheel can be used. Two files of the cache hold them (support/growing_file.py), which have the wheels of
the last environment, without the heavy ones, which have layers of their own; what of the first file is not used any
more is removed when that is written anew. Only a build that installs something reads them.

Code of packages must not get anything into it that a later build trusts. So it is written only by a build in which no
such code has run since the wheels were downloaded: what tools print before they start a build cannot be taken back. An
installation that makes something from source leaves the file as it was; so managers install the app's own projects by a
run of their own, after all others. What tools have noted about a wheel is left out, with
the wheel, if it may hold a login.

The file is not the same for the same input: uv names the directory of each wheel by chance, and keeps the times of the
index's answers. Of the image, nothing depends on it.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.frozen import field, frozen
from cnb.trees import remove
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.growing_file import GrowingFile, decide_parts
from python_buildpack.support.stored_tree import Restored, restore_tree, store_entries, with_folders

MOST = 100_000_000
"""The bytes of all wheels, unpacked, that are kept; of more, the smallest ones."""

_UV_WHEELS = "uv-cache/wheels-v*"
_UV_FILES = "uv-cache/archive-v*"
_PIP_FILES = "pip-cache/http-v2"
_UNKNOWN_PLACES = frozenset({"path", "editable"})
"""uv's name for the wheels that were built from files of the app."""
_BUILDS = re.compile(
    r"^[ \t]*(?:Building|Built|Preparing|Getting requirements|Installing build|Running setup\.py|Running command)\b",
    re.MULTILINE,
)
"""What uv and pip print before they run the code of a package: its build backend."""
_INSTALLS = re.compile(
    r"^(?:Resolved|Audited|Installed|Checked|Successfully installed|Requirement already)\b", re.MULTILINE
)
"""What they print if they print anything: settings may make them quiet."""
_LONG = 1_000_000
"""Of more output, the beginning may be lost."""
_SECRET = re.compile(
    rb"://(?:[^/\s\0]{1,200}@|[!-~]{0,2000}\?[!-~]{1,200}=)|(?i:authorization|set-cookie|basic |bearer )"
)
"""A URL with a login or a query, or a header that may hold one, also in the middle of binary files."""


def _nothing() -> None:
    """Do nothing."""


@frozen
class KeptWheels:
    """Where the wheels are kept, and where the tools of this build look for them."""

    archive: GrowingFile
    scratch: Path
    """The directory that contains the tools' caches."""
    base: dict[str, int] = field(default_factory=dict)
    """What the first file has: the sizes of the wheels by the tool's file about each, relative to ``scratch``."""
    added: set[str] = field(default_factory=set)
    """What the second file has, in the same form."""
    earlier: set[str] = field(default_factory=set)
    """What this build had from earlier ones, in the same form."""

    def restore(self) -> None:
        """Unpack the wheels of earlier builds into the tools' caches. A damaged file is removed. Raises DiskFull.

        What a resolution has downloaded is removed: it may have run the code of packages.
        """
        for pattern in (_UV_FILES, f"{_UV_WHEELS}/**/*.http", _PIP_FILES):
            for path in self.scratch.glob(pattern):
                remove(path)
        self.base.clear()
        self.added.clear()
        if _is_restored(self.archive.base, self.scratch):
            self.base.update((wheel.about[0], wheel.size) for wheel in self._found())
        if _is_restored(self.archive.added, self.scratch):
            self.added.update({wheel.about[0] for wheel in self._found()} - self.base.keys())
        self.earlier.update(self.base, self.added)

    def keep(self, installed: Mapping[str, str], heavy: Collection[str], largest: int = MOST) -> None:
        """Keep the wheels of what is ``installed``, versions by normalised name, but for the heavy ones.

        None has more than ``largest`` bytes. Raises DiskFull.
        """
        wanted: dict[str, Wheel] = {}
        room = MOST
        used = [wheel for wheel in self._found() if _is_version(installed.get(wheel.name), wheel.version)]
        # Of one version, the wheel that was downloaded now fits, and not those for another Python or from elsewhere.
        anew = {wheel.name for wheel in used if wheel.about[0] not in self.earlier}
        for wheel in sorted(used, key=lambda found: (found.size, found.about)):
            is_wanted = wheel.name not in heavy and not (wheel.name in anew and wheel.about[0] in self.earlier)
            if is_wanted and wheel.size <= min(room, largest) and not self._may_hold_secrets(wheel):
                wanted[wheel.about[0]] = wheel
                room -= wheel.size
        # The next build would not know which of the two it does not need.
        is_replaced = any(wheel.name in anew and wheel.about[0] in self.earlier & self.base.keys() for wheel in used)
        self._store(wanted, is_all=is_replaced or not self.archive.base.exists())

    def _store(self, wanted: Mapping[str, "Wheel"], *, is_all: bool) -> None:
        sizes = {about: wheel.size for about, wheel in wanted.items()}
        parts = decide_parts(sizes, {} if is_all else self.base)
        if is_all or parts.base is not None:
            first = parts.base or frozenset()
            self._write(self.archive.base, wanted, first)
            self.base.clear()
            self.base.update((about, sizes[about]) for about in first)
        if parts.added != self.added or not self.archive.added.exists():
            self._write(self.archive.added, wanted, parts.added)
            self.added.clear()
            self.added.update(parts.added)

    def _write(self, file: CachedFile, wanted: Mapping[str, "Wheel"], names: frozenset[str]) -> None:
        if names:
            wheels = [wanted[about] for about in names]
            paths = {path for wheel in wheels for path in (*wheel.about, *self._content(wheel))}
            store_entries(self.scratch, with_folders(paths), file)
        else:
            file.remove()

    def _found(self) -> Iterator["Wheel"]:
        yield from wheels_of_uv(self.scratch)
        yield from _of_pip(self.scratch)

    def _content(self, wheel: "Wheel") -> Iterator[str]:
        for folder, _, names in os.walk(self.scratch / wheel.content) if wheel.content else ():
            inside = os.path.relpath(folder, self.scratch)
            yield from (inside, *(f"{inside}/{name}" for name in names))

    def _may_hold_secrets(self, wheel: "Wheel") -> bool:
        notes = (self.scratch / path for path in wheel.about if not path.endswith(".body"))
        return any(_SECRET.search(path.read_bytes()) for path in notes if not path.is_symlink())


def _is_restored(file: CachedFile, root: Path) -> bool:
    return file.exists() and isinstance(restore_tree(file, root), Restored)


@frozen
class InstallWatch:
    """Implements ports.CommandRunner: runs the programs of an installation, and notes whether a package's code ran."""

    runner: CommandRunner
    uv: Path
    keep: Callable[[], object] = _nothing
    """Called before a run that follows one in which no code ran: its downloads can be kept now, and maybe not later."""
    ran: set[str] = field(default_factory=set)
    """The programs that ran a package's code, or may have."""
    clean: set[str] = field(default_factory=set)
    """The programs that ran before, if they ran no such code."""

    def run(self, command: Command) -> Finished:
        """Run ``command``."""
        if self.clean and not self.ran:
            self.keep()
        self.clean.clear()
        finished = self.runner.run(command)
        is_clean = self._is_known(command) and finished.status == 0 and not _shows_builds(finished.output)
        (self.clean if is_clean else self.ran).add(command.argv[0])
        return finished

    def _is_known(self, command: Command) -> bool:
        return command.argv[0] == str(self.uv) or command.argv[3:5] == ("-m", "pip")


def _shows_builds(output: str) -> bool:
    """Say whether the output shows that code of a package ran, or does not show that none did."""
    return len(output) > _LONG or not _INSTALLS.search(output) or _BUILDS.search(output) is not None


@frozen
class Wheel:
    """A wheel in a tool's cache. Paths are relative to the scratch directory."""

    name: str
    version: str
    size: int
    about: tuple[str, ...]
    """The tool's files about it; the first one identifies it."""
    content: str = ""
    """The directory that it is unpacked in, if it is."""


def wheels_of_uv(scratch: Path) -> Iterator[Wheel]:
    """Yield the wheels that uv has downloaded: ``BUCKET/NAME/VERSION-TAGS``, a link to where it is unpacked."""
    archives = frozenset(scratch.glob(_UV_FILES))
    for bucket in scratch.glob(f"{_UV_WHEELS}/*"):
        for note in bucket.rglob("*.http") if bucket.name not in _UNKNOWN_PLACES else ():
            link = note.with_suffix("")
            folder = Path(os.path.normpath(link.parent / link.readlink())) if link.is_symlink() else None
            if folder is None or not folder.is_dir() or folder.parent not in archives:
                continue
            version, about = note.name.partition("-")[0], (note, link)
            yield Wheel(
                canonicalize_name(note.parent.name),
                version,
                _size_of(folder),
                tuple(str(path.relative_to(scratch)) for path in about),
                str(folder.relative_to(scratch)),
            )


def _size_of(folder: Path) -> int:
    return sum(os.lstat(f"{at}/{name}").st_size for at, _, names in os.walk(folder) for name in names)


def _of_pip(scratch: Path) -> Iterator[Wheel]:
    """Yield the wheels in pip's cache of answers: each is a file about the answer, and one with its body."""
    for body in (scratch / _PIP_FILES).rglob("*.body"):
        named = _name_in(body)
        note = body.with_suffix("")
        if named is not None and note.is_file():
            about = tuple(str(path.relative_to(scratch)) for path in (body, note))
            yield Wheel(*named, body.stat().st_size, about)


def _name_in(archive: Path) -> tuple[str, str] | None:
    """Return name and version of a wheel; None for any other file."""
    import zipfile  # noqa: PLC0415 - for pip only

    try:
        with zipfile.ZipFile(archive) as file:
            infos = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
    except (OSError, zipfile.BadZipFile):
        return None
    name, _, version = infos[0].partition(".dist-info/")[0].partition("-") if len(infos) == 1 else ("", "", "")
    return (canonicalize_name(name), version) if version else None


def _is_version(installed: str | None, version: str) -> bool:
    try:
        return installed is not None and Version(installed) == Version(version)
    except ValueError:
        return installed == version
