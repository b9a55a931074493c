"""A mirror directory: archives, a record of what each was made from, and the inventory that lists them."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.version import Version
from pydantic import BaseModel, ConfigDict, ValidationError

from devkit.inventory.builds import Build, newest_builds
from devkit.inventory.document import render_inventory
from devkit.mirror.archive import read_sha256

INVENTORY = "inventory.toml"
RECORD_SUFFIX = ".source.json"
STAGE_PREFIX = ".stage-"
"""How the temporary directories are called in which archives are made."""

COMMENT = """\
Interpreters repacked on this machine by `./dev mirror`; not upstream's archives.
Each url is a file name beside this file."""


class Record(BaseModel):
    """What is kept beside an archive: the row that describes it, and what it was made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str
    libraries: tuple[Path, ...]
    """This machine's libraries that were bundled; they take part in the fingerprint."""
    row: Build


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Make the directory, and let one process at a time work in it; the others wait and then find what it made.

    Whoever holds the lock is alone, so stages that are there already were left by a process that was killed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in directory.glob(f"{STAGE_PREFIX}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def read_record(archive: Path) -> Record | None:
    """Return the record of an archive that exists and is complete; None if it has to be made."""
    try:
        record = Record.model_validate_json(_record_path(archive).read_bytes())
        return record if read_sha256(archive) == record.row.sha256 else None
    except (OSError, ValidationError):
        return None


def write_record(archive: Path, record: Record) -> None:
    """Write the record of an archive."""
    path = _record_path(archive)
    partial = path.with_name(f".{path.name}")
    partial.write_text(record.model_dump_json(indent=1), encoding="utf-8")
    partial.replace(path)


def remove_other_builds(archive: Path, row: Build) -> None:
    """Remove older repackings of the same interpreter, which the newer one supersedes."""
    for path in archive.parent.glob(archive.name.replace(f"+{row.build}-", "+1980[0-9][0-9][0-9][0-9]-")):
        if path != archive:
            path.unlink()
            _record_path(path).unlink(missing_ok=True)


def write_inventory(directory: Path) -> Path:
    """Write the inventory of all archives in the directory that have a record, and return its path.

    A call that made only some versions does not take the others out. Its default is the newest minor there is.
    """
    archives = (directory / path.name.removesuffix(RECORD_SUFFIX) for path in directory.glob(f"*{RECORD_SUFFIX}"))
    records = (Record.model_validate_json(_record_path(path).read_bytes()) for path in archives if path.exists())
    builds = newest_builds(record.row for record in records)
    default = max((build.minor for build in builds if build.variant == "default"), key=Version, default="")
    inventory = directory / INVENTORY
    text = render_inventory(default, builds, COMMENT)
    if not inventory.exists() or inventory.read_text(encoding="utf-8") != text:
        partial = directory / f".{INVENTORY}"
        partial.write_text(text, encoding="utf-8")
        partial.replace(inventory)
    return inventory


def _record_path(archive: Path) -> Path:
    return archive.with_name(archive.name + RECORD_SUFFIX)
