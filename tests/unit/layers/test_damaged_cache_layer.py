"""A cache layer of any shape is thrown away or mended, and the build goes on."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cnb.layers import Layers
from python_buildpack.layers.cache import Cache, provide_cache

CONTENT = b"x" * 1000


def _replaced(path: Path, make: Callable[[Path], object]) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    make(path)


def _both(make: Callable[[Path], object]) -> tuple[Callable[[Path], None], Callable[[Path], None]]:
    """Return what puts something in the place of the layer's directory, and in that of its file."""
    return (lambda layer: _replaced(layer, make)), (lambda layer: _replaced(layer / "a.tar", make))


KINDS: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_bytes(b"y"),
    "an empty file": Path.touch,
    "a directory": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "nothing": lambda _: None,
}
DAMAGES: dict[str, Callable[[Path], object]] = {
    f"{kind} for the {what}": damage
    for kind, make in KINDS.items()
    for what, damage in zip(("layer", "file"), _both(make), strict=True)
}
DAMAGES["a cut file"] = lambda layer: os.truncate(layer / "a.tar", 10)
DAMAGES["a layer that may not be read"] = lambda layer: layer.chmod(0)
DAMAGES["a file that may not be read"] = lambda layer: (layer / "a.tar").chmod(0)
DAMAGES["a record that is no text"] = lambda layer: layer.with_name("cache.toml").write_bytes(b"\0\xff")
DAMAGES["a directory for the record"] = lambda layer: _replaced(layer.with_name("cache.toml"), Path.mkdir)
DAMAGES["a directory for a file that is being written"] = lambda layer: (layer / "a.tar.part").mkdir()


def build(root: Path, content: bytes) -> tuple[bytes | None, list[str]]:
    """Do with the cache what a build does; return what it found, and what it said."""
    said: list[str] = []
    layers = Layers(root)
    cache: Cache = provide_cache(layers, said.append)
    found = cache.keep("a.tar").read()
    cache.file("a.tar").write(content)
    cache.prune()
    layers.seal()
    return found, said


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_layer(damage: str, tmp_path: Path) -> None:
    """What was not written is not read; at most a line is said of it; and what is written then is found again."""
    build(tmp_path, CONTENT)
    DAMAGES[damage](tmp_path / "cache")
    found, said = build(tmp_path, b"new")
    assert found in (None, CONTENT)
    assert len(said) <= 1
    assert build(tmp_path, b"newer") == (b"new", [])
