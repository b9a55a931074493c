"""What of the app's packages no image has a use for, and what most have none for, taken out (BP_PYTHON_SLIM)."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from cnb.files import explained_when_full
from cnb.frozen import frozen
from python_buildpack.installed.dist_info import METADATA, DistInfo, RecordEntry, read_dist_infos
from python_buildpack.settings import SLIM_PACKAGES, Settings


@frozen
class Part:
    """A kind of file that can go."""

    name: str
    because: str
    suffixes: frozenset[str] = frozenset()
    folder: str = ""
    """Files below a folder of this name, inside of a package."""
    made_into: str = ""
    """The suffix of what is made of such a file and used instead of it: without that beside it, the file stays."""
    used_by: re.Pattern[bytes] | None = None
    """What the package's own modules have, outside of such files, where they use them: then all of them stay."""

    def has(self, path: PurePosixPath) -> bool:
        """Say whether the file at ``path``, relative to site-packages, is of this kind."""
        return path.suffix in self.suffixes or (bool(self.folder) and self.folder in path.parts[1:-1])


SYMBOLS = Part("symbols", "names and line numbers for debuggers; what is loaded stays as it is")
"""Part of shared libraries, which themselves stay."""
DESCRIPTIONS = Part("descriptions", "texts for package indexes; names, versions, licences and requirements stay")
"""Part of a file that itself stays: METADATA."""
ALWAYS: tuple[Part, ...] = (
    SYMBOLS,
    Part("translators' files", "gettext reads the .mo beside each of them", frozenset({".po"}), made_into=".mo"),
)
"""What goes unless somebody wants it: no app runs differently without."""
BY_REQUEST: tuple[Part, ...] = (
    Part(
        "tests",
        "they test the package, not the app; kept where the package itself imports them",
        folder="tests",
        used_by=re.compile(
            rb"^[ \t]*(?:(?:from|import)[ \t]+[\w.]*\btests\b|from[ \t]+[\w.]+[ \t]+import[ \t][^\n]*\btests\b)",
            re.MULTILINE,
        ),
    ),
    Part(
        "stubs",
        "type checkers read them, Python does not; kept where lazy_loader reads them",
        frozenset({".pyi"}),
        used_by=re.compile(rb"\battach_stub\b"),
    ),
    Part(
        "C and Cython sources",
        "they are for compiling against the package",
        frozenset({".h", ".hpp", ".pxd", ".pxi", ".pyx"}),
    ),
    Part("static libraries", "they are for linking against the package", frozenset({".a", ".lib"})),
    DESCRIPTIONS,
)

_LIBRARY = re.compile(r"\.so(\.[0-9.]+)?$")


@frozen
class Saved:
    """What was taken out."""

    files: int
    bytes_by_part: Mapping[str, int]

    @property
    def size(self) -> int:
        """Return how many bytes that were."""
        return sum(self.bytes_by_part.values())

    def __str__(self) -> str:
        """Return it in one line for people."""
        parts = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in self.bytes_by_part.items())
        return f"{self.size / 1e6:.1f} MB in {self.files} files ({parts})"


def decide_parts(settings: Settings) -> tuple[Part, ...]:
    """Return what is to go, by BP_PYTHON_SLIM."""
    if not settings.is_on(SLIM_PACKAGES, default=True):
        return ()
    return (*ALWAYS, *BY_REQUEST) if settings.is_on(SLIM_PACKAGES, default=False) else ALWAYS


def slim(venv: Path, site: Path, parts: Iterable[Part]) -> Saved:
    """Take out of every distribution in ``site`` the files that it lists and that are of one of the kinds.

    Its list (RECORD) is changed accordingly. What no distribution lists stays, and what is not in ``venv``, the
    environment that ``site`` is in: a list may be wrong, or a trap. Raises DiskFull.
    """
    parts = tuple(parts)
    files, sizes = 0, Counter[str]()
    with explained_when_full(site):
        for info in read_dist_infos(site) if parts else ():
            for part, size in _slim_distribution(venv, site, info, parts):
                files += 1
                sizes[part.name] += size
    return Saved(files, {part.name: sizes[part.name] for part in parts if sizes[part.name]})


def _slim_distribution(venv: Path, site: Path, info: DistInfo, parts: tuple[Part, ...]) -> Iterator[tuple[Part, int]]:
    entries = info.record()
    parts = tuple(_unused(parts, site, entries))
    kept: list[RecordEntry] = []
    for entry in entries:
        part = _part_of(entry.path, parts)
        path = _own_file(entry.path, venv, site) if part else None
        taken = _take(part, path) if part and path else None
        if part is None or path is None or taken is None:
            kept.append(entry)
            continue
        yield part, taken
        if part is SYMBOLS:
            kept.append(RecordEntry.of(entry.path, path))
        else:
            _remove_empty(path.parent, site)
    info.change_record(lambda _: kept)
    if DESCRIPTIONS in parts and (saved := _drop_description(info, kept)) > 0:
        yield DESCRIPTIONS, saved


def _part_of(name: str, parts: Iterable[Part]) -> Part | None:
    path = PurePosixPath(name)
    part = next((part for part in parts if part.has(path)), None)
    return SYMBOLS if part is None and SYMBOLS in parts and _LIBRARY.search(name) else part


def _own_file(name: str, venv: Path, site: Path) -> Path | None:
    """Return the file of this name in a list, if there is one and it is the environment's."""
    path = Path(os.path.normpath(site / name))
    return path if path.is_relative_to(venv) and path.is_file() and not path.is_symlink() else None


def _take(part: Part, path: Path) -> int | None:
    """Remove a file, or of a library its symbols; return how many bytes that saved, None if it has to stay."""
    if part is SYMBOLS:
        from python_buildpack.installed.elf.symbols import remove_symbols  # noqa: PLC0415 - most builds install nothing

        return remove_symbols(path) or None
    if part.made_into and not path.with_suffix(part.made_into).is_file():
        return None
    size = path.stat().st_size
    path.unlink()
    return size


def _unused(parts: Iterable[Part], site: Path, entries: Iterable[RecordEntry]) -> Iterator[Part]:
    """Yield the parts but for those that code of the distribution uses, as astropy its tests for a test runner."""
    perhaps = {part.name: (part, part.used_by) for part in parts if part.used_by}
    own = [PurePosixPath(entry.path) for entry in entries if entry.path.endswith(".py")] if perhaps else []
    used: set[str] = set()
    for path in own:
        source = (site / path).read_bytes() if (site / path).is_file() else b""
        used |= {name for name, (part, use) in perhaps.items() if not part.has(path) and use.search(source)}
    return (part for part in parts if part.name not in used)


def _drop_description(info: DistInfo, entries: Iterable[RecordEntry]) -> int:
    """Shorten METADATA to its fields, if the distribution lists it; return how many bytes that saved."""
    path = info.folder / METADATA
    shortened = info.without_description()
    if shortened is None or f"{info.folder.name}/{METADATA}" not in {entry.path for entry in entries}:
        return 0
    size = path.stat().st_size
    info.write(METADATA, shortened)
    return size - len(shortened)


def _remove_empty(folder: Path, site: Path) -> None:
    while folder != site and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
