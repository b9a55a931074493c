"""The .cnb file: what pack reads, byte for byte the same for the same directory."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from devkit.packaging.cnb_file import MTIME, write_cnb
from oci_layouts import blob, make_buildpack, members


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
