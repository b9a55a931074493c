"""Interpreters that an offline package brings along (see devkit/packaging/offline.py): their archives, by digest."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.interpreters.inventory import Interpreter

FOLDER = "interpreters"
"""Within the package; the usual one has none."""


class PythonNotIncluded(BuildpackError):
    """The package was made for builds without a network, but not with the Python version that this app asks for.

    The version was then looked for as usual, and could not be downloaded.
    """

    code = "python-not-included"
    title = "The offline package does not include this Python version"


class PackageDamaged(BuildpackError):
    """An archive inside the buildpack's own package is not what its name says it is."""

    code = "package-damaged"
    title = "The buildpack's package is damaged"


@frozen
class Included:
    """The interpreters of the inventory whose archives are in the package."""

    folder: Path
    interpreters: tuple[Interpreter, ...] = ()

    def archive(self, interpreter: Interpreter) -> Path | None:
        """Return the archive, verified as a download would be, or None. Raises PackageDamaged."""
        if interpreter not in self.interpreters:
            return None
        archive = self.folder / archive_name(interpreter)
        if not has_digest(archive, interpreter.sha256):
            raise PackageDamaged(
                f"{FOLDER}/{archive.name} has another SHA-256 than its name says.",
                "Use the package as it was made by ./dev package --offline; check how it was copied.",
            )
        return archive

    def explain(self, interpreter: Interpreter, error: BuildpackError) -> BuildpackError:
        """Return the error to raise where an interpreter that is not included could not be downloaded. Pure."""
        if not self.interpreters:
            return error
        versions = ", ".join(str(found.version) for found in sorted(self.interpreters, key=lambda one: one.version))
        return PythonNotIncluded(
            f"Python {interpreter.version} is not in this package, which includes: {versions}. {error.what}",
            f"Ask for an included version, or make the package with --python {interpreter.minor} too.",
        )


def archive_name(interpreter: Interpreter) -> str:
    """Return the name of an interpreter's archive where it is kept: its digest, and how it is compressed."""
    return f"{interpreter.sha256}{'.tar.zst' if interpreter.url.endswith('.zst') else '.tar.gz'}"


def read_included(buildpack_dir: Path, interpreters: Iterable[Interpreter]) -> Included:
    """Return which of the interpreters the package brings along. What they hold is looked at when they are used."""
    folder = buildpack_dir / FOLDER
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return Included(folder, tuple(found for found in interpreters if names and archive_name(found) in names))


def has_digest(path: Path, sha256: str) -> bool:
    """Say whether the file is there and whole: a cache may have been truncated, or filled by somebody else."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
