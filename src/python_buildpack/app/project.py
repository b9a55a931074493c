"""What is in the app directory: one bounded, read-only pass, so that every later decision is pure."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import assert_never

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from python_buildpack.app.file_roles import is_test_or_example, may_begin_app
from python_buildpack.app.known_files import is_known

MAX_ENTRIES = 25_000
"""Directory entries looked at before the scan stops and says so: a tree of this size takes under half a second."""
MAX_DEPTH = 6
MAX_TEXT_BYTES = 4 * 1024 * 1024
"""A manifest or lock file larger than this is not one that a person or tool wrote for an app."""
MAX_SOURCE_BYTES = 256 * 1024
MAX_SOURCES = 400

SKIPPED_DIRECTORIES = frozenset({"node_modules", "__pycache__", "site-packages", "bower_components"})
"""Never the app's own source, and neither are hidden folders. Virtual environments are known by their marker."""

ENVIRONMENT_MARKER = "pyvenv.cfg"

_LINE = 256
"""Bytes of a first line: the kernel reads no more of one either."""
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
MANIFEST_SUFFIXES = (".txt", ".toml", ".lock", ".cfg", ".in", ".yml", ".yaml", ".ini", ".json", ".pip")
"""Requirement files may include others under any name, and lock files name what they were made from."""


class ProjectFileUnreadable(BuildpackError):
    """A file that decides how the app is built cannot be read: a directory, not text, too large, or closed to us."""

    code = "project-file-unreadable"
    title = "A file of the app cannot be read"


@frozen
class Unreadable:
    """Why a file's text could not be had, kept until somebody needs the file."""

    reason: str
    cure: str


@frozen
class Project:
    """The app's files as they were when the build began. Paths are relative to ``root``, with ``/`` between parts."""

    root: Path
    files: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()
    texts: Mapping[str, str | Unreadable] = field(default_factory=dict)
    """Manifests, lock files and requirement files, with universal newlines and without a byte order mark."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Python sources, shallow ones first."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Python sources that are no text in the encoding that they should have, and are left out → what is wrong."""
    stopped: str | None = None
    """Where and why the scan stopped looking, if it did."""

    def has(self, path: str) -> bool:
        """Say whether there is a file or directory of this name (a directory where a file belongs must be noticed)."""
        return path in self.files or path in self.directories

    def text(self, path: str) -> str | None:
        """Return the text of a manifest, or None where there is no such file. Raises ProjectFileUnreadable."""
        if path in self.directories:
            raise ProjectFileUnreadable(
                f"{path} is a directory, but a file of this name is expected.",
                f"Rename or remove the directory {path}.",
            )
        match self.texts.get(path) or self._text_elsewhere(path):
            case None:
                return None
            case Unreadable(reason, cure):
                raise ProjectFileUnreadable(f"{path} {reason}.", cure)
            case str(text):
                return text
            case other:
                assert_never(other)

    def script(self, path: str) -> tuple[bool, bytes] | None:
        """Return whether a file of the app has an executable bit, and its first line; None if it cannot be read.

        Asked of the few files that commands start: looking at the mode of every file would be a call for each.
        """
        try:
            with (self.root / path).open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                return bool(mode & 0o111), file.readline(_LINE).rstrip(b"\n")
        except OSError:
            return None

    def _text_elsewhere(self, path: str) -> str | Unreadable | None:
        """Read a file that another file names and the scan had no reason to read (``-r deps/production.list``)."""
        try:
            is_there = not path.startswith(("/", "../")) and (self.root / path).is_file()
        except OSError:
            # A name that is too long to be one.
            return None
        if not is_there:
            return None
        return _read_manifest(self.root / path)


def scan(root: Path) -> Project:
    """Read the app directory. Nothing in it makes this fail: what cannot be read is noted, and named when needed."""
    files: list[str] = []
    directories: list[str] = []
    stopped = None
    for count, (path, is_directory) in enumerate(_walk(root)):
        (directories if is_directory else files).append(path)
        if count >= MAX_ENTRIES:
            stopped = f"stopped looking after {MAX_ENTRIES} files, at {path}"
            break
    files.sort(key=lambda path: (path.count("/"), path))
    manifests = [path for path in files if _is_manifest(path)]
    sources = [path for path in files if path.endswith(".py")]
    texts = dict(_read_sources(root, _likeliest(sources)))
    if len(sources) > MAX_SOURCES and stopped is None:
        stopped = f"read {MAX_SOURCES} of {len(sources)} Python files: those with an entry's name, then the shallowest"
    return Project(
        root=root,
        files=frozenset(files),
        directories=frozenset(directories),
        texts={path: _read_manifest(root / path) for path in manifests},
        sources={path: text for path, text in texts.items() if isinstance(text, str)},
        unread={path: text.reason for path, text in texts.items() if isinstance(text, Unreadable)},
        stopped=stopped,
    )


def _likeliest(sources: list[str]) -> list[str]:
    """Return the sources to read, in their order: of too many those that an app may begin with go first, tests last."""
    if len(sources) <= MAX_SOURCES:
        return sources
    likely = sorted(sources, key=lambda path: (is_test_or_example(path), not may_begin_app(path)))[:MAX_SOURCES]
    chosen = frozenset(likely)
    return [path for path in sources if path in chosen]


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Yield (path, is_directory), level by level, so that the bound cuts off what is deep and not what is near."""
    level = [""]
    for _ in range(MAX_DEPTH):
        below: list[str] = []
        for folder in level:
            entries = _entries(root / folder)
            if folder and any(entry.name == ENVIRONMENT_MARKER for entry in entries):
                # A committed virtual environment: 20,000 files of other people's code. Its marker is all we want.
                yield f"{folder}{ENVIRONMENT_MARKER}", False
                continue
            for entry in entries:
                path = f"{folder}{entry.name}"
                # A link to a directory is not followed: it may lead out of the app or in a circle.
                is_directory = entry.is_dir(follow_symlinks=False)
                yield path, is_directory
                if is_directory and entry.name.startswith("."):
                    # .heroku, .venv, .git, .tox: tools keep their own things there, which may look like an app.
                    yield from _marker(root, path)
                elif is_directory and entry.name not in SKIPPED_DIRECTORIES:
                    below.append(f"{path}/")
        level = below


def _marker(root: Path, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield the marker of a virtual environment in a folder that is not looked into."""
    path = f"{folder}/{ENVIRONMENT_MARKER}"
    if (root / path).exists():
        yield path, False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_manifest(path: str) -> bool:
    # Requirement files may include each other from folders (requirements/base.txt); two levels are what people write.
    name = path.rpartition("/")[2]
    return path.count("/") <= 2 and (  # noqa: PLR2004
        name == "Procfile" or name.lower().endswith(MANIFEST_SUFFIXES) or is_known(name)
    )


def _read_manifest(path: Path) -> str | Unreadable:
    try:
        raw = _read_bounded(path, MAX_TEXT_BYTES)
    except OSError as error:
        return Unreadable(
            f"cannot be read: {error.strerror}", "Check that the file exists and may be read by everyone."
        )
    if raw is None:
        limit = MAX_TEXT_BYTES // 2**20
        return Unreadable(f"is larger than {limit} MB or not a regular file", "Replace it with a text file.")
    if _is_for_pip(path.name) and raw.startswith(_UTF_16_MARKS):
        return _decode_utf_16(raw)
    return decode(raw)


def _is_for_pip(name: str) -> bool:
    """Say whether a file may hold requirements, which pip and uv take in UTF-16 too: PowerShell's > writes that."""
    return name.lower().endswith((".txt", ".in", ".pip")) and name != "runtime.txt"


def _decode_utf_16(raw: bytes) -> str | Unreadable:
    try:
        return raw.decode("utf-16").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return Unreadable("begins as UTF-16 and does not go on so", "Save it as UTF-8.")


def decode(raw: bytes) -> str | Unreadable:
    """Turn a manifest's bytes into text: UTF-8, with or without a byte order mark. Other encodings are named."""
    if _is_utf_16(raw):
        return Unreadable("is encoded as UTF-16 (Windows PowerShell's > writes that)", "Save it as UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Unreadable(f"is not valid UTF-8: byte 0x{raw[error.start]:02x} in line {line}", "Save it as UTF-8.")
    if "\0" in text:
        return Unreadable("holds NUL bytes, so it is not a text file", "Replace it with a text file in UTF-8.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_utf_16(raw: bytes) -> bool:
    """Say whether there is UTF-16's mark, or every other byte of the first line is NUL: Latin letters without it."""
    line = raw[: raw.find(b"\n") & ~1] if b"\n" in raw else raw
    halves = (line[0::2], line[1::2])
    return raw.startswith(_UTF_16_MARKS) or any(half and not any(half) for half in halves)


def decode_source(raw: bytes) -> str | Unreadable:
    """Turn a Python source's bytes into text: UTF-8, or what its first two lines declare (PEP 263)."""
    text = decode(raw)
    declared = _ENCODING.match(raw)
    if isinstance(text, str) or declared is None:
        return text
    try:
        return raw.decode(declared[1].decode()).replace("\r\n", "\n")
    except (LookupError, ValueError):
        return text


_ENCODING = re.compile(rb"(?:[ \t\f]*(?:#[^\r\n]*)?\r?\n)?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")


def _read_sources(root: Path, paths: list[str]) -> Iterator[tuple[str, str | Unreadable]]:
    for path in paths:
        if not _is_text(path):
            # TOML, in which processes are written down, has no way to say it.
            yield path, Unreadable("its name is not valid UTF-8", "Rename it.")
            continue
        try:
            raw = _read_bounded(root / path, MAX_SOURCE_BYTES)
        except OSError:
            continue
        if raw is not None:
            yield path, decode_source(raw)


def _is_text(name: str) -> bool:
    """Say whether the bytes of a file's name are UTF-8; Python keeps others as halves of surrogate pairs."""
    return all(not "\ud800" <= letter <= "\udfff" for letter in name)


def _read_bounded(path: Path, limit: int) -> bytes | None:
    """Return the content, or None for what is no regular file or larger than ``limit`` bytes."""
    # Opened without blocking, so that a FIFO in the app cannot hang the build.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        raw = file.read(limit + 1)
    return raw if len(raw) <= limit else None
