"""The layers of an image and their bytes, as a registry or another machine would get them, uncompressed."""

import json
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from typing import IO

from devkit.pack.app_image import AppImage, inspect_image


def measure_layers(image: str) -> dict[str, int]:
    """Return the bytes of each layer by its digest, lowest first. Raises LookupError without the image."""
    inspected = inspect_image(image)
    with subprocess.Popen(["docker", "image", "save", image], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        sizes = read_saved(process.stdout)
    return dict(zip(inspected.layers, sizes, strict=True))


def read_saved(stream: IO[bytes]) -> list[int]:
    """Return the bytes of each layer of the one image in what ``docker image save`` writes, lowest first."""
    files: dict[str, int] = {}
    links: dict[str, str] = {}
    order: list[str] = []
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            if member.issym():
                # Equal layers are written once.
                links[member.name] = member.linkname.removeprefix("../")
            elif member.name == "manifest.json" and (file := tar.extractfile(member)):
                order = json.load(file)[0]["Layers"]
            else:
                files[member.name] = member.size
    return [files[links.get(name, name)] for name in order]


def new_bytes(before: Iterable[str], after: Mapping[str, int]) -> int:
    """Return the bytes of the layers that the image before did not have."""
    known = set(before)
    return sum(size for digest, size in after.items() if digest not in known)


def name_layers(image: AppImage, sizes: Mapping[str, int], base: Iterable[str]) -> dict[str, int]:
    """Return the bytes of each layer by what people call it; the base image's layers count as one."""
    known = {digest: name.rpartition(":")[2] for name, digest in image.buildpack_layers.items()}
    metadata = image.lifecycle_metadata
    known |= {layer["sha"]: "app" for layer in metadata.get("app") or ()}
    known |= {
        metadata[part]["sha"]: part for part in ("config", "launcher", "sbom") if "sha" in (metadata.get(part) or {})
    }
    below = set(base)
    named: dict[str, int] = {}
    for digest, size in sizes.items():
        name = "base image" if digest in below else known.get(digest, "others")
        named[name] = named.get(name, 0) + size
    return named
