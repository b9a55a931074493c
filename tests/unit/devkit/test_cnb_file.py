"""The .cnb file: what pack reads, byte for byte the same for the same directory."""

import gzip
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from devkit.packaging.cnb_file import MTIME, write_cnb


def make_buildpack(folder: Path, *, mtime: int) -> Path:
    """Write a small buildpack, its files in an order and with times of its own."""
    names = ["buildpack.toml", "bin/build", "bin/detect", "data/notes.txt"]
    for name in names if mtime % 2 else reversed(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
        os.utime(path, (mtime, mtime))
    (folder / "buildpack.toml").write_text(
        'api = "0.10"\n[buildpack]\nid = "a/b"\nname = "B"\nversion = "1.2.3"\n', encoding="utf-8"
    )
    (folder / "bin" / "detect").chmod(0o700)
    (folder / "bin" / "build").chmod(0o775)
    (folder / "data" / "link").symlink_to("notes.txt")
    return folder


def members(cnb: Path) -> dict[str, bytes]:
    """Return the files of the OCI layout."""
    with tarfile.open(cnb) as tar:
        return {member.name.lstrip("/"): (tar.extractfile(member) or io.BytesIO()).read() for member in tar}


def blob(files: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    """Return the content that an OCI descriptor names, which must be there."""
    return files["blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")]


@pytest.fixture
def cnb(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "b.cnb"
    write_cnb(make_buildpack(tmp_path / "b", mtime=1_000_001), "amd64", path)
    return path


def test_the_same_directory_gives_the_same_bytes(tmp_path: Path, cnb: Path) -> None:
    """Neither times nor the order of the files nor their owner's modes show."""
    again = tmp_path / "again.cnb"
    write_cnb(make_buildpack(tmp_path / "c", mtime=2_000_000), "amd64", again)
    assert again.read_bytes() == cnb.read_bytes()


def test_the_layers_are_found_from_the_index(cnb: Path) -> None:
    """Index, manifest, config and layer name each other by digests that are right."""
    files = members(cnb)
    (entry,) = json.loads(files["index.json"])["manifests"]
    manifest = json.loads(blob(files, entry))
    config = json.loads(blob(files, manifest["config"]))
    (layer,) = manifest["layers"]
    assert layer["mediaType"].endswith("gzip")
    described = json.loads(config["config"]["Labels"]["io.buildpacks.buildpack.layers"])["a/b"]["1.2.3"]
    assert [described["layerDiffID"]] == config["rootfs"]["diff_ids"]
    assert described["targets"] == [{"os": "linux", "arch": "amd64"}]


def test_the_layer_is_laid_out_and_normalised_as_pack_does(cnb: Path) -> None:
    """Directories first, uid 0, 1980, 0755 for programs and 0644 for the rest; links as they are."""
    files = members(cnb)
    manifest = json.loads(blob(files, json.loads(files["index.json"])["manifests"][0]))
    layer = gzip.decompress(blob(files, manifest["layers"][0]))
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        entries = {member.name.lstrip("/"): member for member in tar}
    root = "cnb/buildpacks/a_b/1.2.3"
    assert list(entries)[:2] == ["cnb/buildpacks/a_b", root]
    assert {(entry.uid, entry.gid, entry.mtime) for entry in entries.values()} == {(0, 0, MTIME)}
    assert entries[f"{root}/bin/detect"].mode == entries[f"{root}/bin/build"].mode == 0o755
    assert entries[f"{root}/data/notes.txt"].mode == 0o644
    assert entries[f"{root}/data/link"].linkname == "notes.txt"
