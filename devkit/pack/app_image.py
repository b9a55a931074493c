"""What is in an image: configuration, the lifecycle's records, files."""

import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.pack.commands import run
from devkit.pack.docker import docker


@dataclass(frozen=True, slots=True)
class AppImage:
    """An image as ``docker image inspect`` and the lifecycle's labels describe it."""

    id: str
    names: tuple[str, ...]
    """All its names with their tags; none if another image has taken them over."""
    size: int
    """Bytes, base image included."""
    layers: tuple[str, ...]
    """The digests of the uncompressed layers (diff ids), lowest first."""
    env: Mapping[str, str]
    labels: Mapping[str, str]
    user: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]

    @property
    def lifecycle_metadata(self) -> dict[str, Any]:
        """What the exporter recorded: layers with their digests and metadata, app, run image."""
        return _parse_label(self.labels, "io.buildpacks.lifecycle.metadata")

    @property
    def build_metadata(self) -> dict[str, Any]:
        """What the builder recorded: processes and buildpacks."""
        return _parse_label(self.labels, "io.buildpacks.build.metadata")

    @property
    def buildpack_layers(self) -> dict[str, str]:
        """The digest of each launch layer, by ``<buildpack id>:<layer>``."""
        return {
            f"{buildpack['key']}:{name}": layer["sha"]
            for buildpack in self.lifecycle_metadata.get("buildpacks") or ()
            for name, layer in (buildpack.get("layers") or {}).items()
        }

    @property
    def layer_metadata(self) -> dict[str, dict[str, Any]]:
        """The ``[metadata]`` of each launch layer, by ``<buildpack id>:<layer>``."""
        return {
            f"{buildpack['key']}:{name}": layer.get("data") or {}
            for buildpack in self.lifecycle_metadata.get("buildpacks") or ()
            for name, layer in (buildpack.get("layers") or {}).items()
        }

    @property
    def processes(self) -> dict[str, tuple[str, ...]]:
        """The command line of each process, by type: the command and its replaceable arguments."""
        return {
            process["type"]: (*_words(process["command"]), *(process.get("args") or ()))
            for process in self.build_metadata.get("processes") or ()
        }

    @property
    def default_process(self) -> str | None:
        """The type of the process that runs when nothing is asked for."""
        name = self.entrypoint[0] if len(self.entrypoint) == 1 else ""
        folder, _, kind = name.rpartition("/")
        return kind if folder == "/cnb/process" else None


def find_image(name: str) -> AppImage | None:
    """Return a local image, or None if there is none of that name."""
    finished = run(["docker", "image", "inspect", name])
    return parse_inspection(finished.output) if finished.status == 0 else None


def inspect_image(name: str) -> AppImage:
    """Return a local image that has to be there. Raises LookupError."""
    image = find_image(name)
    if image is None:
        raise LookupError(f"no local image {name}")
    return image


def parse_inspection(text: str) -> AppImage:
    """Read what ``docker image inspect`` prints of one image."""
    (document,) = json.loads(text)
    config = document["Config"]
    return AppImage(
        id=document["Id"],
        names=tuple(document["RepoTags"] or ()),
        size=document["Size"],
        layers=tuple(document["RootFS"]["Layers"]),
        env=dict(entry.split("=", 1) for entry in config["Env"] or ()),
        labels=config["Labels"] or {},
        user=config["User"],
        entrypoint=tuple(config["Entrypoint"] or ()),
        command=tuple(config["Cmd"] or ()),
    )


@contextmanager
def image_files(name: str) -> Iterator[tarfile.TarFile]:
    """Open the image's whole file system as a tar archive, with paths relative to its root (``layers/…``).

    Nothing of the image runs, so it works for one without a shell, too. Raises DockerFailed.
    """
    container = docker("create", name, "-").strip()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            archive = Path(scratch) / "files.tar"
            docker("export", "--output", archive, container)
            with tarfile.open(archive) as tar:
                yield tar
    finally:
        run(["docker", "rm", container])


def _parse_label(labels: Mapping[str, str], name: str) -> dict[str, Any]:
    document = json.loads(labels.get(name, "{}"))
    return document if isinstance(document, dict) else {}


def _words(command: str | list[str]) -> list[str]:
    # A list since Platform API 0.10.
    return [command] if isinstance(command, str) else command
