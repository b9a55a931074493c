"""What of the app's packages a running app has no use for, taken out by request (BP_PYTHON_SLIM)."""

import csv
import hashlib
import io
import re
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from cnb.records import record
from python_buildpack.environment.metadata import change_record, read_metadata


@record
class Part:
    """A kind of file that can go."""

    name: str
    because: str
    suffixes: frozenset[str] = frozenset()
    folder: str = ""
    """Files below a folder of this name, inside of a package."""
    made_into: str = ""
    """The suffix of what is made of such a file and used instead of it: without that beside it, the file stays."""

    def has(self, path: PurePosixPath) -> bool:
        """Say whether the file at ``path``, relative to site-packages, is of this kind."""
        return path.suffix in self.suffixes or (bool(self.folder) and self.folder in path.parts[1:-1])


DESCRIPTIONS = Part("descriptions", "texts for package indexes; names, versions, licences and requirements stay")
"""Part of a file that itself stays: METADATA."""
TESTS = Part("tests", "they test the package, not the app; kept where the package itself imports them", folder="tests")
PARTS: tuple[Part, ...] = (
    TESTS,
    Part("stubs", "type checkers read them, Python does not", frozenset({".pyi"})),
    Part(
        "C and Cython sources",
        "they are for compiling against the package",
        frozenset({".h", ".hpp", ".pxd", ".pxi", ".pyx"}),
    ),
    Part("static libraries", "they are for linking against the package", frozenset({".a", ".lib"})),
    Part("translators' files", "gettext reads the .mo beside each of them", frozenset({".po"}), made_into=".mo"),
    DESCRIPTIONS,
)

_IMPORTS_TESTS = re.compile(
    rb"^[ \t]*(?:(?:from|import)[ \t]+[\w.]*\btests\b|from[ \t]+[\w.]+[ \t]+import[ \t][^\n]*\btests\b)", re.MULTILINE
)


@record
class Saved:
    """What was taken out."""

    files: int
    bytes_by_part: Mapping[str, int]

    def __str__(self) -> str:
        """Return it in one line for people."""
        parts = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in self.bytes_by_part.items())
        return f"{sum(self.bytes_by_part.values()) / 1e6:.1f} MB in {self.files} files ({parts})"


def slim(site: Path) -> Saved:
    """Take out of every distribution in ``site`` the files that it lists and that are of one of the kinds.

    Its list (RECORD) is shortened accordingly. What no distribution lists stays.
    """
    files, sizes = 0, Counter[str]()
    for metadata in read_metadata(site):
        for part, size in _slim_distribution(site, metadata.folder):
            files += 1
            sizes[part.name] += size
    return Saved(files, {part.name: sizes[part.name] for part in PARTS if sizes[part.name]})


def _slim_distribution(site: Path, folder: Path) -> Iterator[tuple[Part, int]]:
    try:
        rows = list(csv.reader((folder / "RECORD").read_text(encoding="utf-8").splitlines()))
    except (OSError, ValueError, csv.Error):
        return
    parts = [part for part in PARTS if part is not TESTS or not _imports_its_tests(site, rows)]
    kept: list[list[str]] = []
    for row in rows:
        part = next((part for part in parts if row and part.has(PurePosixPath(row[0]))), None)
        path = site / row[0] if row else None
        if part is None or path is None or not _can_go(path, part):
            kept.append(row)
            continue
        yield part, path.stat().st_size
        path.unlink()
        _remove_empty(path.parent, site)
    if (saved := _drop_description(folder, kept)) > 0:
        yield DESCRIPTIONS, saved
    if kept != rows:
        change_record(folder, lambda _: _text(kept))


def _can_go(path: Path, part: Part) -> bool:
    is_used = part.made_into and not path.with_suffix(part.made_into).is_file()
    return path.is_file() and not path.is_symlink() and not is_used


def _drop_description(folder: Path, rows: list[list[str]]) -> int:
    """Shorten METADATA to its fields, and its row in ``rows`` accordingly; return how many bytes that saved.

    The description is what comes after them (core metadata specification, as in RFC 822).
    """
    name = f"{folder.name}/METADATA"
    path = folder / "METADATA"
    if not path.is_file() or [name] not in [row[:1] for row in rows]:
        return 0
    whole = path.read_bytes()
    head, _, description = whole.replace(b"\r\n", b"\n").partition(b"\n\n")
    if not description:
        return 0
    content = head + b"\n"
    # A new file: this one may be a link to the installer's cache.
    path.unlink()
    path.write_bytes(content)
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    rows[:] = [[name, f"sha256={digest}", str(len(content))] if row[:1] == [name] else row for row in rows]
    return len(whole) - len(content)


def _imports_its_tests(site: Path, rows: list[list[str]]) -> bool:
    """Say whether code outside of the tests imports them, as astropy's does for its own test runner."""
    own = (PurePosixPath(row[0]) for row in rows if row)
    sources = (site / path for path in own if path.suffix == ".py" and not TESTS.has(path))
    return any(_IMPORTS_TESTS.search(path.read_bytes()) for path in sources if path.is_file())


def _remove_empty(folder: Path, site: Path) -> None:
    while folder != site and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _text(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
