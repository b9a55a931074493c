"""The interpreters that an offline package contains (see devkit/packaging/offline.py)."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.interpreters.inventory import Interpreter

FOLDER = "interpreters"
"""The directory of the archives in an offline package; the usual package does not have it."""


class PythonNotIncluded(BuildpackError):
    """The package is for builds without a network, but it does not contain the Python version that the app requires.

    The build tried to download the version, and that failed.
    """

    code = "python-not-included"
    title = "The offline package does not include this Python version"


class PackageDamaged(BuildpackError):
    """An archive in the buildpack's own package does not have the digest in its name."""

    code = "package-damaged"
    title = "The buildpack's package is damaged"


@frozen
class Included:
    """The interpreters of the inventory whose archives are in the package."""

    folder: Path
    interpreters: tuple[Interpreter, ...] = ()

    def archive(self, interpreter: Interpreter) -> Path | None:
        """Return the archive, whose digest is verified, or None if it is not included. Raises PackageDamaged."""
        if interpreter not in self.interpreters:
            return None
        archive = self.folder / archive_name(interpreter)
        if not has_digest(archive, interpreter.sha256):
            raise PackageDamaged(
                f"{FOLDER}/{archive.name} does not have the SHA-256 in its name.",
                "Use the package as it was made by ./dev package --offline; check how it was copied.",
            )
        return archive

    def explain(self, interpreter: Interpreter, error: BuildpackError) -> BuildpackError:
        """Return the error for an interpreter that is not included and could not be downloaded (``error``). Pure."""
        if not self.interpreters:
            return error
        versions = ", ".join(str(found.version) for found in sorted(self.interpreters, key=lambda one: one.version))
        return PythonNotIncluded(
            f"Python {interpreter.version} is not in this package, which includes: {versions}. {error.what}",
            f"Choose an included version, or make the package with --python {interpreter.minor} too.",
        )


def archive_name(interpreter: Interpreter) -> str:
    """Return the file name of an interpreter's archive in the package and in caches: its digest and the suffix."""
    return f"{interpreter.sha256}{'.tar.zst' if interpreter.url.endswith('.zst') else '.tar.gz'}"


def read_included(buildpack_dir: Path, interpreters: Iterable[Interpreter]) -> Included:
    """Return which of the interpreters the package includes. Their digests are verified later, when one is used."""
    folder = buildpack_dir / FOLDER
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return Included(folder, tuple(found for found in interpreters if names and archive_name(found) in names))


def has_digest(path: Path, sha256: str) -> bool:
    """Return whether the file exists and has this digest: a file in a cache may be incomplete or changed."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
