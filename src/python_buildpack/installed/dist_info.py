"""The one reader and writer of what installers record about a distribution, in its ``.dist-info`` directory.

PyPA's specifications are "Recording installed projects" (RECORD, REQUESTED), "Core metadata" (METADATA), "Binary
distribution format" (WHEEL) and "Direct URL" (direct_url.json, PEP 610). Packages bring these files along, so they are
read up to a limit, and a list that is damaged anywhere counts as none. They are written as new files: an installer may
have linked them out of its cache, and what is there must stay as it is.
"""

import csv
import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packaging.utils import NormalizedName, canonicalize_name

from cnb.frozen import frozen

DIST_INFO = ".dist-info"
EGG_INFO = ".egg-info"
"""What setuptools and distutils wrote before: a directory with a PKG-INFO, or only that file."""
METADATA = "METADATA"
RECORD = "RECORD"
REQUESTED = "REQUESTED"
"""Marks what was asked for by name."""
DIRECT_URL = "direct_url.json"
"""Where the distribution comes from, if not from an index."""

_LARGEST_RECORD = 32 << 20
"""Bytes, for some 300 000 files."""
_LARGEST_FIELDS = 4 << 20
"""Bytes of METADATA that are read; the fields come first, and after them a description of any size."""
_LARGEST_DIRECT_URL = 1 << 20
_COLUMNS = 3


class RecordEntry(NamedTuple):
    """A file as RECORD lists it. A tuple, as some environments list a hundred thousand."""

    path: str
    """Relative to site-packages, with ``/``."""
    hash: str = ""
    """``sha256=`` and the digest in urlsafe base64 without padding; or nothing."""
    size: int | None = None

    @classmethod
    def of(cls, path: str, file: Path) -> "RecordEntry":
        """Return the entry for a file as it is now. Raises OSError."""
        import hashlib  # noqa: PLC0415 - most builds install nothing

        with file.open("rb") as content:
            digest = urlsafe_b64encode(hashlib.file_digest(content, "sha256").digest()).rstrip(b"=").decode()
        return cls(path, f"sha256={digest}", file.stat().st_size)


@frozen
class DirectUrl:
    """What direct_url.json says."""

    document: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Return the address as it was given, with whatever is secret in it; nothing where there is none."""
        url = self.document.get("url")
        return url if isinstance(url, str) else ""

    @property
    def is_directory(self) -> bool:
        """Say whether the distribution was built from a directory, or is one that is edited."""
        return "dir_info" in self.document

    @property
    def is_local(self) -> bool:
        """Say whether it comes from a file or directory of the machine that installed it."""
        return self.url.startswith("file:")


@frozen
class UnreadableDirectUrl:
    """A direct_url.json of which nobody can say what is in it."""


@frozen
class DistInfo:
    """One metadata directory, and what its name says."""

    name: NormalizedName
    version: str
    folder: Path

    def record(self) -> tuple[RecordEntry, ...]:
        """Return the files of the distribution; nothing where there is no list or any of it is damaged."""
        raw = _read(self.folder / RECORD, _LARGEST_RECORD + 1)
        return parse_record(raw) if raw is not None and len(raw) <= _LARGEST_RECORD else ()

    def change_record(self, change: Callable[[tuple[RecordEntry, ...]], Iterable[RecordEntry]]) -> None:
        """Replace the list of files by what ``change`` makes of it, if that is another one. Raises OSError."""
        before = self.record()
        after = tuple(change(before))
        if after != before:
            _write_anew(self.folder / RECORD, format_record(after))

    def write(self, file: str, content: bytes) -> None:
        """Replace a file of this directory, and what the list says about it. Raises OSError."""
        _write_anew(self.folder / file, content)
        new = RecordEntry.of(f"{self.folder.name}/{file}", self.folder / file)
        self.change_record(lambda entries: (new if entry.path == new.path else entry for entry in entries))

    def remove(self, file: str) -> None:
        """Remove a file of this directory, and its line in the list. Raises OSError."""
        path = f"{self.folder.name}/{file}"
        self.change_record(lambda entries: (entry for entry in entries if entry.path != path))
        (self.folder / file).unlink(missing_ok=True)

    def fields(self) -> Mapping[str, Sequence[str]]:
        """Return the core metadata, by names in lower case; the description in the body is left out."""
        # PKG-INFO and a single file: what there was before METADATA.
        files = (self.folder / METADATA, self.folder / "PKG-INFO", self.folder)
        return next(filter(None, map(_read_fields, files)), {})

    def tags(self) -> tuple[str, ...]:
        """Return what its wheel fits; nothing for what was not installed from a wheel."""
        return tuple(_read_fields(self.folder / "WHEEL").get("tag", ()))

    def direct_url(self) -> DirectUrl | UnreadableDirectUrl | None:
        """Return where the distribution comes from; None for one that comes from an index."""
        return read_direct_url(self.folder / DIRECT_URL)

    def without_description(self) -> bytes | None:
        """Return METADATA without the description that follows the fields; None where it has none."""
        raw = _read(self.folder / METADATA, _LARGEST_FIELDS) or b""
        fields, _, description = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        return fields + b"\n" if description else None


def site_packages(venv: Path) -> Path:
    """Return the directory that distributions are installed into. Raises ValueError for what is no environment."""
    (found,) = venv.glob("lib/python*/site-packages")
    return found


def read_dist_infos(site: Path, *, suffixes: tuple[str, ...] = (DIST_INFO,)) -> Iterator[DistInfo]:
    """Yield the metadata directories of a site-packages directory, sorted by their names as they are written."""
    for folder in sorted(path for path in site.glob("*-info") if path.name.endswith(suffixes)):
        name, _, version = folder.stem.partition("-")
        yield DistInfo(canonicalize_name(name), version, folder)


def parse_record(raw: bytes) -> tuple[RecordEntry, ...]:
    """Return the entries of a RECORD, or nothing where any of it is damaged: half of it would be a wrong list. Pure."""
    try:
        # Not by splitlines(), for which a line ends at characters that may be part of a file's name.
        rows = csv.reader(io.StringIO(raw.decode(), newline=""), strict=True)
        return tuple(_entry(row) for row in rows if row)
    except (ValueError, csv.Error):
        return ()


def format_record(entries: Iterable[RecordEntry]) -> bytes:
    """Return the content of a RECORD. Pure."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(entries)
    return text.getvalue().encode()


def parse_fields(text: str) -> Mapping[str, Sequence[str]]:
    """Return the fields of a file that is written like the head of a mail, by names in lower case. Pure."""
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
    """Return what a file like direct_url.json says (pip has one beside each wheel of its cache); None without one."""
    raw = _read(file, _LARGEST_DIRECT_URL + 1)
    if raw is None:
        return UnreadableDirectUrl() if file.exists() else None
    return parse_direct_url(raw) if len(raw) <= _LARGEST_DIRECT_URL else UnreadableDirectUrl()


def parse_direct_url(raw: bytes) -> DirectUrl | UnreadableDirectUrl:
    """Return what the content of a direct_url.json says. Pure."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return UnreadableDirectUrl()
    return DirectUrl(document) if isinstance(document, dict) else UnreadableDirectUrl()


def _entry(row: list[str]) -> RecordEntry:
    """Return the entry of a row. Raises ValueError for what no installer writes."""
    path, hash_, size, *more = (*row, *[""] * (_COLUMNS - len(row)))
    if not path or "\0" in path or "\r" in path or any(more) or not (size or "0").isdecimal():
        raise ValueError(row)
    return RecordEntry(path, hash_, int(size) if size else None)


def _read_fields(file: Path) -> Mapping[str, Sequence[str]]:
    raw = _read(file, _LARGEST_FIELDS) or b""
    # The last line of so many bytes may be half of one.
    whole = raw if len(raw) < _LARGEST_FIELDS else raw[: raw.rfind(b"\n")]
    return parse_fields(whole.decode("utf-8", "replace"))


def _read(file: Path, most: int) -> bytes | None:
    """Return so many bytes of a file at most; None where none can be read."""
    try:
        with file.open("rb") as content:
            return content.read(most)
    except OSError:
        return None


def _write_anew(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    file.write_bytes(content)
