"""Reads and writes the ``.dist-info`` directories, in which installers record the distributions. No other module does.

PyPA's specifications are "Recording installed projects" (RECORD, REQUESTED), "Core metadata" (METADATA), "Binary
distribution format" (WHEEL) and "Direct URL" (direct_url.json, PEP 610). These files come from packages, so they are
read up to a limit, and a RECORD that is damaged anywhere is taken as empty. They are never changed in place: they may
be hard links to files in the installer's cache.
"""

import csv
import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from packaging.utils import NormalizedName, canonicalize_name

from cnb.frozen import frozen
from python_buildpack.support.small_files import opened

DIST_INFO = ".dist-info"
EGG_INFO = ".egg-info"
"""The older format of setuptools and distutils: a directory with a PKG-INFO, or only that file."""
METADATA = "METADATA"
RECORD = "RECORD"
REQUESTED = "REQUESTED"
"""Marks distributions that the user required by name."""
DIRECT_URL = "direct_url.json"
"""The origin of a distribution that is not from an index."""

_LARGEST_RECORD = 32 << 20
"""In bytes: enough for some 300 000 files."""
_LARGEST_FIELDS = 4 << 20
"""The bytes of METADATA that are read: the fields come first, and then a description of any size."""
_LARGEST_DIRECT_URL = 1 << 20
_COLUMNS = 3


class RecordEntry(NamedTuple):
    """A row of RECORD. It is a tuple because some environments have a hundred thousand rows."""

    path: str
    """Relative to site-packages, with ``/``."""
    hash: str = ""
    """``sha256=`` and the digest in urlsafe base64 without padding; or empty."""
    size: int | None = None
    """In bytes."""

    @classmethod
    def of(cls, path: str, file: Path) -> "RecordEntry":
        """Return the entry ``path`` for the present content of a file. Raises OSError."""
        import hashlib  # noqa: PLC0415 - most builds install nothing

        with file.open("rb") as content:
            digest = urlsafe_b64encode(hashlib.file_digest(content, "sha256").digest()).rstrip(b"=").decode()
        return cls(path, f"sha256={digest}", file.stat().st_size)


@frozen
class DirectUrl:
    """The content of direct_url.json."""

    document: Mapping[str, Any]

    @property
    def url(self) -> str:
        """The URL, which may contain secrets; empty if there is none."""
        url = self.document.get("url")
        return url if isinstance(url, str) else ""

    @property
    def is_directory(self) -> bool:
        """Whether the distribution was built from a directory, or is installed in editable mode."""
        return "dir_info" in self.document

    @property
    def is_local(self) -> bool:
        """Whether it was installed from a local file or directory."""
        return self.url.startswith("file:")


@frozen
class UnreadableDirectUrl:
    """A direct_url.json that cannot be read or parsed."""


@frozen
class DistInfo:
    """One metadata directory, with the name and version in its name."""

    name: NormalizedName
    version: str
    folder: Path

    def record(self) -> tuple[RecordEntry, ...]:
        """Return the rows of RECORD; empty if it is missing or damaged anywhere."""
        raw = _read(self.folder / RECORD, _LARGEST_RECORD + 1)
        return parse_record(raw) if raw is not None and len(raw) <= _LARGEST_RECORD else ()

    def change_record(self, change: Callable[[tuple[RecordEntry, ...]], Iterable[RecordEntry]]) -> None:
        """Replace RECORD by the rows that ``change`` returns, if they differ. Raises OSError."""
        before = self.record()
        after = tuple(change(before))
        if after != before:
            _write_new(self.folder / RECORD, format_record(after))

    def write(self, file: str, content: bytes) -> None:
        """Replace a file of this directory, and its row in RECORD. Raises OSError."""
        _write_new(self.folder / file, content)
        new = RecordEntry.of(f"{self.folder.name}/{file}", self.folder / file)
        self.change_record(lambda entries: (new if entry.path == new.path else entry for entry in entries))

    def remove(self, file: str) -> None:
        """Remove a file of this directory, and its row in RECORD. Raises OSError."""
        path = f"{self.folder.name}/{file}"
        self.change_record(lambda entries: (entry for entry in entries if entry.path != path))
        (self.folder / file).unlink(missing_ok=True)

    def fields(self) -> Mapping[str, Sequence[str]]:
        """Return the fields of the core metadata by name in lower case, without the description in the body."""
        # PKG-INFO, or .egg-info as a file: the formats before METADATA.
        files = (self.folder / METADATA, self.folder / "PKG-INFO", self.folder)
        return next(filter(None, map(_read_fields, files)), {})

    def tags(self) -> tuple[str, ...]:
        """Return the compatibility tags of its wheel (PEP 425); empty if there was no wheel."""
        return tuple(_read_fields(self.folder / "WHEEL").get("tag", ()))

    def entry_points(self) -> str:
        """Return the text of entry_points.txt; empty if there is none."""
        return (_read(self.folder / "entry_points.txt", _LARGEST_FIELDS) or b"").decode("utf-8", "replace")

    def direct_url(self) -> DirectUrl | UnreadableDirectUrl | None:
        """Return the origin of the distribution; None if it is from an index."""
        return read_direct_url(self.folder / DIRECT_URL)

    def without_description(self) -> bytes | None:
        """Return METADATA without the description that follows the fields; None if there is no description."""
        raw = _read(self.folder / METADATA, _LARGEST_FIELDS) or b""
        fields, _, description = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        return fields + b"\n" if description else None


def site_packages(venv: Path) -> Path:
    """Return the site-packages of a virtual environment. Raises ValueError if there is not exactly one."""
    (found,) = venv.glob("lib/python*/site-packages")
    return found


def read_dist_infos(site: Path, *, suffixes: tuple[str, ...] = (DIST_INFO,)) -> Iterator[DistInfo]:
    """Yield the metadata directories in a site-packages directory, sorted by their file names."""
    for folder in sorted(path for path in site.glob("*-info") if path.name.endswith(suffixes)):
        name, _, version = folder.stem.partition("-")
        yield DistInfo(canonicalize_name(name), version, folder)


@lru_cache(maxsize=1024)
def parse_record(raw: bytes) -> tuple[RecordEntry, ...]:
    """Return the rows of a RECORD; empty if it is damaged anywhere, because a part would be a wrong list. Pure."""
    try:
        # Not splitlines(), which splits at characters that a file's name may contain.
        rows = csv.reader(io.StringIO(raw.decode(), newline=""), strict=True)
        return tuple(_entry(row) for row in rows if row)
    except (ValueError, csv.Error):
        return ()


def format_record(entries: Iterable[RecordEntry]) -> bytes:
    """Return the content of a RECORD with these rows. Pure."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(entries)
    return text.getvalue().encode()


def parse_fields(text: str) -> Mapping[str, Sequence[str]]:
    """Return the fields of a text in the format of e-mail headers, by name in lower case. Pure."""
    fields: dict[str, list[str]] = {}
    last: list[str] = []
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        if not line:
            break
        if line[0] in " \t":
            last[-1:] = [f"{last[-1]}\n{line.strip()}"] if last else []
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = fields.setdefault(name.strip().lower(), [])
            last.append(value.strip())
    return fields


def read_direct_url(file: Path) -> DirectUrl | UnreadableDirectUrl | None:
    """Return the content of a direct_url.json, or of pip's origin.json, which has the same format; None if missing."""
    raw = _read(file, _LARGEST_DIRECT_URL + 1)
    if raw is None:
        return UnreadableDirectUrl() if file.exists() else None
    return parse_direct_url(raw) if len(raw) <= _LARGEST_DIRECT_URL else UnreadableDirectUrl()


def parse_direct_url(raw: bytes) -> DirectUrl | UnreadableDirectUrl:
    """Return the parsed content of a direct_url.json. Pure."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return UnreadableDirectUrl()
    return DirectUrl(document) if isinstance(document, dict) else UnreadableDirectUrl()


def _entry(row: list[str]) -> RecordEntry:
    """Return the entry of a row. Raises ValueError for a row that no installer writes."""
    path, hash_, size, *more = (*row, *[""] * (_COLUMNS - len(row)))
    if not path or "\0" in path or "\r" in path or any(more) or not (size or "0").isdecimal():
        raise ValueError(row)
    return RecordEntry(path, hash_, int(size) if size else None)


def _read_fields(file: Path) -> Mapping[str, Sequence[str]]:
    raw = _read(file, _LARGEST_FIELDS) or b""
    # At the limit, the last line may be incomplete.
    complete = raw if len(raw) < _LARGEST_FIELDS else raw[: raw.rfind(b"\n")]
    return parse_fields(complete.decode("utf-8", "replace"))


def _read(file: Path, most: int) -> bytes | None:
    """Return up to ``most`` bytes of a file; None if it cannot be read."""
    try:
        with opened(file) as content:
            return content.read(most)
    except OSError:
        return None


def _write_new(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    file.write_bytes(content)
