"""Damage inside the cache, of the kind that the platform does not notice: its own record says that all is well."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from devkit.soak.plan import Fault


def damage_cache(state: Path, fault: Fault, choice: int) -> bool:
    """Damage one file of the cached layers; say whether there was one."""
    files = sorted(_files(state / "cache"))
    if not files:
        return False
    archive, name = files[choice % len(files)]
    _rewrite(state, archive, name, fault)
    return True


def _files(cache: Path) -> Iterator[tuple[Path, str]]:
    for archive in cache.glob("*.tar"):
        with tarfile.open(archive) as tar:
            yield from ((archive, member.name) for member in tar if member.isfile() and member.size)


def _rewrite(state: Path, archive: Path, name: str, fault: Fault) -> None:
    buffer = io.BytesIO()
    with tarfile.open(archive) as old, tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as new:
        for member in old:
            stream = old.extractfile(member) if member.isfile() else None
            content = stream.read() if stream else b""
            if member.name == name:
                content = _damaged(content, fault)
                member.size = len(content)
            new.addfile(member, io.BytesIO(content) if stream else None)
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    record = state / "record.json"
    record.write_text(record.read_text(encoding="utf-8").replace(archive.stem, digest), encoding="utf-8")
    archive.unlink()
    archive.with_name(f"{digest}.tar").write_bytes(buffer.getvalue())


def _damaged(content: bytes, fault: Fault) -> bytes:
    match fault:
        case Fault.EMPTIED:
            return b""
        case Fault.TRUNCATED:
            return content[: len(content) // 2]
        case _:
            return hashlib.sha256(content).digest() * 100
