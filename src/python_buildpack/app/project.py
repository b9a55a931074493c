"""Reads the app directory once, within limits and without changing it, so that all later decisions can be pure."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, assert_never

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from python_buildpack.app.file_roles import is_test_or_example, may_begin_app
from python_buildpack.app.known_files import is_known

MAX_ENTRIES = 25_000
"""The number of directory entries after which the scan stops: so many take less than half a second."""
MAX_DEPTH = 6
MAX_TEXT_BYTES = 4 * 1024 * 1024
"""The largest size of a manifest or lock file; no person or tool writes a larger one for an app."""
MAX_SOURCE_BYTES = 256 * 1024
MAX_SOURCES = 400
MAX_LFS_CANDIDATES = 4_000
"""Files whose size is looked at to find pointers of Git LFS."""
MAX_LFS_POINTER_BYTES = 200
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"

SKIPPED_DIRECTORIES = frozenset({"node_modules", "__pycache__", "site-packages", "bower_components"})
"""Never the app's own source, and neither are hidden folders. Virtual environments are known by their marker."""

ENVIRONMENT_MARKER = "pyvenv.cfg"

_LINE = 256
"""Bytes of a first line: the kernel reads no more of one either."""
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
MANIFEST_SUFFIXES = (".txt", ".toml", ".lock", ".cfg", ".in", ".yml", ".yaml", ".ini", ".json", ".pip")
"""Suffixes of files to read: requirements files may include others of any name."""


class ProjectFileUnreadable(BuildpackError):
    """A file that decides how the app is built cannot be read: it is a directory, too large, or not readable text."""

    code = "project-file-unreadable"
    title = "A file of the app cannot be read"


@frozen
class Unreadable:
    """Why a file's text could not be read; it becomes an error only if the file is needed."""

    reason: str
    cure: str


@frozen
class Project:
    """The app's files at the start of the build. Paths are relative to ``root``, with ``/`` as the separator."""

    root: Path
    files: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()
    texts: Mapping[str, str | Unreadable] = field(default_factory=dict)
    """Text of manifests, lock files and requirements files by path, with ``\\n`` and without a byte order mark."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Text of Python sources by path, those with few parent directories first."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """The reason by path for Python sources that could not be decoded and are left out."""
    lfs_pointers: tuple[str, ...] = ()
    """Files whose content Git LFS keeps elsewhere, and has not put there; sorted."""
    stopped: str | None = None
    """Where and why the scan stopped, if it reached a limit."""

    def has(self, path: str) -> bool:
        """Return whether there is a file or directory of this name: a directory instead of a file is an error later."""
        return path in self.files or path in self.directories

    def text(self, path: str) -> str | None:
        """Return the text of a manifest, or None if there is no such file. Raises ProjectFileUnreadable."""
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
        if path.startswith(("/", "../")):
            return None
        try:
            with _opened(self.root / path) as file:
                mode = os.fstat(file.fileno()).st_mode
                return (bool(mode & 0o111), file.readline(_LINE).rstrip(b"\n")) if stat.S_ISREG(mode) else None
        except (OSError, ValueError):
            # A ValueError for a name with a NUL in it.
            return None

    def _text_elsewhere(self, path: str) -> str | Unreadable | None:
        """Read a file that another file includes and that the scan did not read (``-r deps/production.list``)."""
        try:
            exists = not path.startswith(("/", "../")) and (self.root / path).is_file()
        except OSError:
            # The name is too long.
            return None
        if not exists:
            return None
        return _read_manifest(self.root / path)


def scan(root: Path) -> Project:
    """Return the content of the app directory. Never fails: unreadable files are recorded as Unreadable."""
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
        lfs_pointers=tuple(sorted(_lfs_pointers(root, files))),
        stopped=stopped,
    )


def _lfs_pointers(root: Path, files: list[str]) -> Iterator[str]:
    """Yield the files that are pointers of Git LFS (docs/spec.md in its repository), shallow ones first."""
    # Nobody keeps sources there, of which there are the most.
    for path in [path for path in files if not path.endswith(".py")][:MAX_LFS_CANDIDATES]:
        try:
            status = (root / path).lstat()
            is_small = stat.S_ISREG(status.st_mode) and len(LFS_POINTER) < status.st_size < MAX_LFS_POINTER_BYTES
            if is_small and (root / path).read_bytes().startswith(LFS_POINTER):
                yield path
        except OSError:
            continue


def _likeliest(sources: list[str]) -> list[str]:
    """Return up to MAX_SOURCES of the sources, in their order, with preference for possible entry points over tests."""
    if len(sources) <= MAX_SOURCES:
        return sources
    likely = sorted(sources, key=lambda path: (is_test_or_example(path), not may_begin_app(path)))[:MAX_SOURCES]
    chosen = frozenset(likely)
    return [path for path in sources if path in chosen]


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Yield (path, is_directory), level by level, so that a limit leaves out the deepest entries."""
    level = [""]
    for _ in range(MAX_DEPTH):
        below: list[str] = []
        for folder in level:
            entries = _entries(root / folder)
            if folder and any(entry.name == ENVIRONMENT_MARKER for entry in entries):
                # A committed virtual environment, which may have 20,000 files. Only its marker is needed.
                yield f"{folder}{ENVIRONMENT_MARKER}", False
                continue
            for entry in entries:
                path = f"{folder}{entry.name}"
                # A link to a directory is not followed: it may lead out of the app, or form a cycle.
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
    # Requirements files may include others in folders (requirements/base.txt), in practice up to two levels deep.
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
    """Return whether a file may contain requirements. pip and uv also read them in UTF-16, which PowerShell writes."""
    return name.lower().endswith((".txt", ".in", ".pip")) and name != "runtime.txt"


def _decode_utf_16(raw: bytes) -> str | Unreadable:
    try:
        return raw.decode("utf-16").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return Unreadable("begins with the mark of UTF-16 but is not valid UTF-16", "Save it as UTF-8.")


def decode(raw: bytes) -> str | Unreadable:
    """Return the text of a manifest's bytes in UTF-8, with or without a byte order mark; Unreadable for all others."""
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
    """Return whether the bytes have UTF-16's mark, or every second byte of the first line is NUL (Latin letters)."""
    line = raw[: raw.find(b"\n") & ~1] if b"\n" in raw else raw
    halves = (line[0::2], line[1::2])
    return raw.startswith(_UTF_16_MARKS) or any(half and not any(half) for half in halves)


def decode_source(raw: bytes) -> str | Unreadable:
    """Return the text of a Python source's bytes: in UTF-8, or in the encoding that it declares (PEP 263)."""
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
            # Processes are written to TOML, which cannot contain such a name.
            yield path, Unreadable("its name is not valid UTF-8", "Rename it.")
            continue
        try:
            raw = _read_bounded(root / path, MAX_SOURCE_BYTES)
        except OSError:
            continue
        if raw is not None:
            yield path, decode_source(raw)


def _is_text(name: str) -> bool:
    """Return whether the bytes of a file's name are UTF-8; Python represents others as surrogates."""
    return all(not "\ud800" <= letter <= "\udfff" for letter in name)


def _opened(path: Path) -> BinaryIO:
    """Open a file to read it. With O_NONBLOCK, because opening a FIFO would block. Raises OSError."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def _read_bounded(path: Path, limit: int) -> bytes | None:
    """Return the content, or None if it is not a regular file or is larger than ``limit`` bytes."""
    with _opened(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        raw = file.read(limit + 1)
    return raw if len(raw) <= limit else None
