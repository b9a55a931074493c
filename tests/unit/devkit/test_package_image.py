"""The image of a release: one index with a manifest for each architecture."""

import json
from pathlib import Path

import pytest

from devkit.packaging.cnb_file import write_cnb
from devkit.packaging.image import write_image
from oci_layouts import blob, make_buildpack, members


@pytest.fixture
def cnb_files(tmp_path: Path) -> list[Path]:
    files = []
    for arch in ("amd64", "arm64"):
        file = tmp_path / f"b-{arch}.cnb"
        write_cnb(make_buildpack(tmp_path / arch, mtime=1_000_001), arch, file)
        files.append(file)
    return files


def test_every_architecture_is_found_from_the_one_index(tmp_path: Path, cnb_files: list[Path]) -> None:
    """index.json names the index, the index names the manifests with their platforms, and each blob is there."""
    digest = write_image(cnb_files, {"org.opencontainers.image.version": "1.2.3"}, tmp_path / "image.tar")
    files = members(tmp_path / "image.tar")
    (entry,) = json.loads(files["index.json"])["manifests"]
    assert entry["digest"] == digest
    index = json.loads(blob(files, entry))
    assert index["mediaType"] == entry["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert index["annotations"] == {"org.opencontainers.image.version": "1.2.3"}
    assert [manifest["platform"]["architecture"] for manifest in index["manifests"]] == ["amd64", "arm64"]
    for descriptor in index["manifests"]:
        manifest = json.loads(blob(files, descriptor))
        config = json.loads(blob(files, manifest["config"]))
        assert config["architecture"] == descriptor["platform"]["architecture"]
        assert all(len(blob(files, layer)) == layer["size"] for layer in manifest["layers"])


def test_the_same_files_give_the_same_image(tmp_path: Path, cnb_files: list[Path]) -> None:
    """So that a digest in the release notes can be made again by anybody."""
    digests = {write_image(cnb_files, {}, tmp_path / name) for name in ("one.tar", "two.tar")}
    assert len(digests) == 1
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
