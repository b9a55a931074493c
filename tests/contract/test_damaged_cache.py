"""A cache that is damaged inside: never a wrong image, never a failed build, at worst a slower one."""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from built_apps import built, digests
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from wheel_index import WheelIndex, heavy, light, serve_wheels

Attempt = Callable[..., Built | Failed]
Damage = Callable[[list[bytes]], list[bytes]]
MAIN = "import stone, feather\nprint(feather.version, len(stone.__path__))\n"
HOOK = "#!/bin/sh\nset -e\npython -c 'import stone, feather; print(feather.version)' > seen.txt\n"

DAMAGES: dict[str, Damage] = {
    "cut": lambda contents: [content[: len(content) // 2] for content in contents],
    "emptied": lambda contents: [b"" for _ in contents],
    "of something else": lambda contents: [hashlib.sha256(content).digest() * 100 for content in contents],
    "swapped": lambda contents: [*contents[1:], contents[0]],
    "changed in one byte": lambda contents: [_with_other_byte(content) for content in contents],
}


def _with_other_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def damage_cache(state: Path, damage: Damage) -> int:
    """Damage every file of the cached layers, which the platform's record of them does not show; return how many."""
    count = 0
    for archive in list((state / "cache").glob("*.tar")):
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            contents = {m.name: tar.extractfile(m).read() for m in members if m.isfile()}  # type: ignore[union-attr]
        changed = dict(zip(contents, damage(list(contents.values())), strict=True))
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for member in members:
                if member.isfile():
                    member.size = len(changed[member.name])
                tar.addfile(member, io.BytesIO(changed[member.name]) if member.isfile() else None)
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        record = state / "record.json"
        record.write_text(record.read_text(encoding="utf-8").replace(archive.stem, digest), encoding="utf-8")
        archive.unlink()
        (state / "cache" / f"{digest}.tar").write_bytes(buffer.getvalue())
        count += len(contents)
    return count


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Serve a heavy package and a light one, in two versions."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(heavy("stone", "1.0"), light("feather", "1.0"), light("feather", "2.0"))
        yield index


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_costs_time_alone(damage: str, tmp_path: Path, attempt: Attempt, index: WheelIndex) -> None:
    """With nothing changed, and with a package changed, both with a hook that needs the content of every package."""
    files = {"requirements.txt": "stone==1.0\nfeather==1.0\n", "main.py": MAIN, "bin/post_compile": HOOK}
    app = write_app(tmp_path / "app", files)
    (app / "bin" / "post_compile").chmod(0o755)
    env = {"PIP_INDEX_URL": index.url}
    state = tmp_path / "state"
    first = built(attempt(app, env))
    assert damage_cache(state, DAMAGES[damage]) >= 3

    again = built(attempt(app, env))
    assert digests(again) == digests(first)
    assert said(state) == "1.0 1\n"

    damage_cache(state, DAMAGES[damage])
    (app / "requirements.txt").write_text("stone==1.0\nfeather==2.0\n", encoding="utf-8")
    built(attempt(app, env))
    assert said(state) == "2.0 1\n"
    assert (state / "workspace" / "seen.txt").read_text(encoding="utf-8") == "2.0\n"

    last = built(attempt(app, env))
    assert {layer.by_reference for layer in last.layers if layer.types.launch} == {True}, last.log
    assert "Installing" not in last.log


def said(state: Path) -> str:
    """Return what the app prints."""
    with launch(state) as running:
        assert running.wait() == 0, running.log
        return running.log
