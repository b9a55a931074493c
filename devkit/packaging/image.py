"""Joins the .cnb files of several architectures into one image, as registries hold it: an OCI archive with an index.

Sources: OCI image specification, image-index.md, image-layout.md and annotations.md.
"""

import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from devkit.packaging.cnb_file import Blob, add_file, to_json

_INDEX = "application/vnd.oci.image.index.v1+json"


def write_image(cnb_files: Sequence[Path], annotations: dict[str, str], output: Path) -> str:
    """Write the image to ``output`` and return the digest of its index, which is the digest that registries show.

    Each of ``cnb_files`` has one manifest, for a platform of its own. ``annotations`` are those of the index. The
    same files give the same bytes.
    """
    manifests: list[dict[str, Any]] = []
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".part")
    with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as image:
        for file in cnb_files:
            manifests += _copy_blobs(file, image)
        index = Blob(
            to_json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests, "annotations": annotations})
        )
        add_file(image, f"blobs/sha256/{index.digest.partition(':')[2]}", index.content)
        add_file(image, "oci-layout", to_json({"imageLayoutVersion": "1.0.0"}))
        add_file(image, "index.json", to_json({"schemaVersion": 2, "manifests": [index.descriptor(_INDEX)]}))
    partial.rename(output)
    return index.digest


def _copy_blobs(file: Path, image: tarfile.TarFile) -> list[dict[str, Any]]:
    """Add the blobs of a .cnb file to the image, and return what its index.json lists."""
    listed: list[dict[str, Any]] = []
    with tarfile.open(file) as layout:
        for member in layout:
            content = layout.extractfile(member)
            name = member.name.lstrip("/")
            if content is None:
                continue
            if name == "index.json":
                listed = json.load(content)["manifests"]
            elif name.startswith("blobs/"):
                add_file(image, name, content.read())
    return listed
