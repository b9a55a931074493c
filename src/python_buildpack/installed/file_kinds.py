"""Which kinds of files of the app's packages images do not need (BP_PYTHON_SLIM); pure."""

import re

from cnb.frozen import frozen
from python_buildpack.settings.table import SLIM_PACKAGES
from python_buildpack.settings.values import Settings


@frozen
class FileKind:
    """A kind of file that can be removed."""

    name: str
    because: str
    suffixes: frozenset[str] = frozenset()
    folder: str = ""
    """The kind includes all files below a folder of this name in a package."""
    made_into: str = ""
    """The suffix of the file that is generated from such a file. Without it in the same directory, the file is kept."""
    used_by: re.Pattern[bytes] | None = None
    """If another module of the package matches this pattern, the package uses such files, and all of them are kept."""

    def has(self, path: str) -> bool:
        """Return whether the file at ``path``, relative to site-packages, is of this kind."""
        # Not by pathlib: there are tens of thousands of files.
        stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
        is_named = bool(stem and suffix) and f"{dot}{suffix}" in self.suffixes
        return is_named or (bool(self.folder) and f"/{self.folder}/" in path)


SYMBOLS = FileKind("symbols", "names and line numbers for debuggers; what is loaded is not changed")
"""A part of shared libraries, which themselves are kept."""
DESCRIPTIONS = FileKind(
    "descriptions", "texts for package indexes; names, versions, licences and requirements are kept"
)
"""A part of METADATA, which itself is kept."""
ALWAYS: tuple[FileKind, ...] = (
    SYMBOLS,
    FileKind("translators' files", "gettext reads the .mo beside each of them", frozenset({".po"}), made_into=".mo"),
)
"""The kinds that are removed by default: no app needs them to run."""
BY_REQUEST: tuple[FileKind, ...] = (
    FileKind(
        "tests",
        "they test the package, not the app; kept where the package itself imports them",
        folder="tests",
        used_by=re.compile(
            rb"^[ \t]*(?:(?:from|import)[ \t]+[\w.]*\btests\b|from[ \t]+[\w.]+[ \t]+import[ \t][^\n]*\btests\b)",
            re.MULTILINE,
        ),
    ),
    FileKind(
        "stubs",
        "type checkers read them, Python does not; kept where lazy_loader reads them",
        frozenset({".pyi"}),
        used_by=re.compile(rb"\battach_stub\b"),
    ),
    FileKind(
        "C and Cython sources",
        "they are for compiling against the package",
        frozenset({".h", ".hpp", ".pxd", ".pxi", ".pyx"}),
    ),
    FileKind("static libraries", "they are for linking against the package", frozenset({".a", ".lib"})),
    DESCRIPTIONS,
)


def decide_file_kinds(settings: Settings) -> tuple[FileKind, ...]:
    """Return the kinds to remove, by BP_PYTHON_SLIM."""
    if not settings.is_on(SLIM_PACKAGES, default=True):
        return ()
    return (*ALWAYS, *BY_REQUEST) if settings.is_on(SLIM_PACKAGES, default=False) else ALWAYS
