"""The metadata directories of installed distributions (PEP 376): their names, and changes of their lists of files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from cnb.frozen import frozen

METADATA = ".dist-info"


@frozen
class Metadata:
    """One directory, and what its name says."""

    name: NormalizedName
    version: str
    folder: Path


def read_metadata(site: Path) -> Iterator[Metadata]:
    """Yield the metadata directories of a site-packages directory, sorted by their names as they are written."""
    for folder in sorted(site.glob(f"*{METADATA}")):
        name, _, version = folder.name.removesuffix(METADATA).partition("-")
        yield Metadata(canonicalize_name(name), version, folder)


def change_record(folder: Path, change: Callable[[str], str]) -> None:
    """Replace the list of files in a metadata directory by what ``change`` makes of it; without a list, do nothing."""
    record = folder / "RECORD"
    if not record.is_file():
        return
    text = change(record.read_bytes().decode("utf-8", "surrogateescape"))
    # A new file: this one may be a link to the installer's cache.
    record.unlink()
    record.write_bytes(text.encode("utf-8", "surrogateescape"))
