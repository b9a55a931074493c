"""Reads the app directory once, within limits and without changing it, so that all later decisions can be pure."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import assert_never

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from python_buildpack.app.file_roles import is_test_or_example, may_begin_app
from python_buildpack.app.known_files import is_known
from python_buildpack.app.lfs import lfs_pointers
from python_buildpack.app.texts import LEADS_OUT, Unreadable, read_manifest, read_source
from python_buildpack.support.small_files import is_inside, opened

MAX_ENTRIES = 25_000
"""The number of directory entries after which the scan stops: so many take less than half a second."""
MAX_DEPTH = 6
MAX_SOURCES = 400

SKIPPED_DIRECTORIES = frozenset({"node_modules", "__pycache__", "site-packages", "bower_components"})
"""Never the app's own source, and neither are hidden folders. Virtual environments are known by their marker."""

ENVIRONMENT_MARKER = "pyvenv.cfg"

_LINE = 256
"""Bytes of a first line: the kernel reads no more of one either."""
MANIFEST_SUFFIXES = (".txt", ".toml", ".lock", ".cfg", ".in", ".yml", ".yaml", ".ini", ".json", ".pip")
"""Suffixes of files to read: requirements files may include others of any name."""


class ProjectFileUnreadable(BuildpackError):
    """A file that decides how the app is built cannot be read: it is a directory, too large, or not readable text."""

    code = "project-file-unreadable"
    title = "A file of the app cannot be read"
    remedies = ("upload",)


@frozen
class Project:
    """The app's files at the start of the build. Paths are relative to ``root``, with ``/`` as the separator.

    Two of them are equal only if they are the same, so what is computed from one can be remembered by it.
    """

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
    upload: Path | None = None
    """What was uploaded, if the app is only a folder of it. Links that lead out of it are not followed."""
    stopped: str | None = None
    """Where and why the scan stopped, if it reached a limit."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def uploaded(self) -> Path:
        """The directory of all that was uploaded: the app's, or one above it."""
        return self.upload or self.root

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

    def exists(self, path: str) -> bool:
        """Return whether there is anything at a path, also where the scan does not look.

        Asked of the few paths that declarations name.
        """
        try:
            return (self.root / path).exists()
        except (OSError, ValueError):
            # The name is too long, or has a NUL in it.
            return False

    def script(self, path: str) -> tuple[bool, bytes] | None:
        """Return whether a file of the app has an executable bit, and its first line; None if it cannot be read.

        Asked of the few files that commands start: looking at the mode of every file would be a call for each.
        """
        if path.startswith(("/", "../")) or not is_inside(self.root / path, self.uploaded):
            return None
        try:
            with opened(self.root / path) as file:
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
        is_own = is_inside(self.root / path, self.uploaded)
        return read_manifest(self.root / path, self.uploaded) if is_own else LEADS_OUT


def scan(root: Path, upload: Path | None = None) -> Project:
    """Return the content of the app directory. Never fails: unreadable files are recorded as Unreadable.

    ``upload`` is what was uploaded, if the app is only a folder of it.
    """
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
    texts = dict(_read_sources(root, _likeliest(sources), upload or root))
    if len(sources) > MAX_SOURCES and stopped is None:
        stopped = f"read {MAX_SOURCES} of {len(sources)} Python files: those with an entry's name, then the shallowest"
    return Project(
        root=root,
        files=frozenset(files),
        directories=frozenset(directories),
        texts={path: read_manifest(root / path, upload or root) for path in manifests},
        sources={path: text for path, text in texts.items() if isinstance(text, str)},
        unread={path: text.reason for path, text in texts.items() if isinstance(text, Unreadable)},
        lfs_pointers=tuple(sorted(lfs_pointers(root, files))),
        upload=upload,
        stopped=stopped,
    )


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


def _read_sources(root: Path, paths: list[str], upload: Path) -> Iterator[tuple[str, str | Unreadable]]:
    for path in paths:
        if not _is_text(path):
            # Processes are written to TOML, which cannot contain such a name.
            yield path, Unreadable("its name is not valid UTF-8", "Rename it.")
            continue
        text = read_source(root / path, upload)
        if text is not None:
            yield path, text


def _is_text(name: str) -> bool:
    """Return whether the bytes of a file's name are UTF-8; Python represents others as surrogates."""
    return all(not "\ud800" <= letter <= "\udfff" for letter in name)
