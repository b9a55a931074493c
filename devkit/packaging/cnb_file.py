"""Writes a .cnb file: an OCI layout in a tar, the same bytes for the same directory, without Docker or pack.

Layout: buildpacks/spec, distribution.md; labels and media types as pack reads them.
"""

import gzip
import hashlib
import io
import json
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MTIME = 315532801
"""1980-01-01T00:00:01Z, the lifecycle's own normalised time."""

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
# pack's reader takes uncompressed blobs for longer than they are, so the layer is compressed.
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_ABOUT = ("id", "name", "version", "homepage", "description", "keywords")
"""What the label of a package repeats from buildpack.toml."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Content with its digest."""

    content: bytes

    @property
    def digest(self) -> str:
        """Return the digest as OCI writes it."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def descriptor(self, media_type: str) -> dict[str, Any]:
        """Return the OCI descriptor."""
        return {"mediaType": media_type, "digest": self.digest, "size": len(self.content)}


def write_cnb(directory: Path, arch: str, output: Path) -> None:
    """Write the buildpack in ``directory`` as ``output``, for linux on ``arch``."""
    descriptor = tomllib.loads((directory / "buildpack.toml").read_text(encoding="utf-8"))
    layer = _layer(directory, descriptor["buildpack"])
    compressed = Blob(gzip.compress(layer.content, 9, mtime=0))
    config = Blob(to_json(_image_config(descriptor, arch, layer.digest)))
    manifest = Blob(
        to_json(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": config.descriptor(_CONFIG),
                "layers": [compressed.descriptor(_LAYER)],
            }
        )
    )
    entry = {**manifest.descriptor(_MANIFEST), "platform": {"os": "linux", "architecture": arch}}
    index = to_json({"schemaVersion": 2, "manifests": [entry]})
    files = {"oci-layout": to_json({"imageLayoutVersion": "1.0.0"}), "index.json": index}
    files |= {f"blobs/sha256/{blob.digest.partition(':')[2]}": blob.content for blob in (manifest, config, compressed)}
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".part")
    with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            add_file(tar, f"/{name}", files[name])
    partial.rename(output)


def _image_config(descriptor: dict[str, Any], arch: str, diff_id: str) -> dict[str, Any]:
    buildpack = descriptor["buildpack"]
    about = {key: buildpack[key] for key in _ABOUT if key in buildpack}
    licenses = [{"Type": item.get("type", ""), "URI": item.get("uri", "")} for item in buildpack.get("licenses", [])]
    described = {
        "api": descriptor["api"],
        "targets": [{"os": "linux", "arch": arch}],
        "layerDiffID": diff_id,
        "name": buildpack["name"],
    }
    labels = {
        "io.buildpacks.buildpackage.metadata": {**about, "licenses": licenses, "stacks": [{"id": "*"}]},
        "io.buildpacks.buildpack.layers": {buildpack["id"]: {buildpack["version"]: described}},
    }
    return {
        "architecture": arch,
        "os": "linux",
        "config": {"Labels": {name: to_json(value).decode() for name, value in labels.items()}},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    }


def _layer(directory: Path, buildpack: dict[str, str]) -> Blob:
    flat_id = buildpack["id"].replace("/", "_")
    root = f"/cnb/buildpacks/{flat_id}/{buildpack['version']}"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in (f"/cnb/buildpacks/{flat_id}", root):
            tar.addfile(_normalised(tarfile.TarInfo(name), tarfile.DIRTYPE, 0o755))
        for path in sorted(directory.rglob("*")):
            _add_path(tar, path, f"{root}/{path.relative_to(directory).as_posix()}")
    return Blob(buffer.getvalue())


def _add_path(tar: tarfile.TarFile, path: Path, name: str) -> None:
    info = tarfile.TarInfo(name)
    if path.is_symlink():
        info.linkname = str(path.readlink())
        tar.addfile(_normalised(info, tarfile.SYMTYPE, 0o777))
    elif path.is_dir():
        tar.addfile(_normalised(info, tarfile.DIRTYPE, 0o755))
    else:
        content = path.read_bytes()
        info.size = len(content)
        mode = 0o755 if path.stat().st_mode & 0o111 else 0o644
        tar.addfile(_normalised(info, tarfile.REGTYPE, mode), io.BytesIO(content))


def add_file(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file with normalised owner, mode and time."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(_normalised(info, tarfile.REGTYPE, 0o644), io.BytesIO(content))


def _normalised(info: tarfile.TarInfo, kind: bytes, mode: int) -> tarfile.TarInfo:
    info.type, info.mode, info.mtime = kind, mode, MTIME
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def to_json(value: object) -> bytes:
    """Return a value as JSON, the same bytes for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
