"""What is remembered between builds: the previous image and the cache, as one document that is replaced in one step."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from devkit.lifecycle.problems import StateUnreadable

FORMAT = 1
"""Raised when the document changes shape: an older state directory is then refused instead of misread."""


@dataclass(frozen=True, slots=True)
class Types:
    """The ``[types]`` of a layer."""

    launch: bool = False
    build: bool = False
    cache: bool = False


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """A layer as the image or the cache remembers it; ``metadata`` is None when its TOML had none."""

    types: Types
    metadata: object
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process type of an image."""

    type: str
    command: tuple[str, ...]
    args: tuple[str, ...] = ()
    default: bool = False
    working_dir: str = ""
    buildpack: str = ""


@dataclass(frozen=True, slots=True)
class BuildpackRecord:
    """What one buildpack left in the image."""

    id: str
    version: str
    layers: Mapping[str, LayerRecord] = field(default_factory=dict)
    store: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image: its buildpacks in order, its processes, and where its contents are kept.

    ``contents`` maps a path below the state directory to the name of the directory in ``contents/`` that belongs there.
    """

    buildpacks: tuple[BuildpackRecord, ...]
    processes: tuple[Process, ...]
    default_process: str
    labels: Mapping[str, str]
    slices: tuple[tuple[str, ...], ...]
    app: LayerRecord
    contents: Mapping[str, str]

    def buildpack(self, identifier: str) -> BuildpackRecord:
        """Return the record of one buildpack, which is empty if it had no part in this image."""
        return next((record for record in self.buildpacks if record.id == identifier), BuildpackRecord(identifier, ""))


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """The cache: its layers by buildpack and name, and the digest of the SBOM files that belong to them."""

    layers: Mapping[str, Mapping[str, LayerRecord]] = field(default_factory=dict)
    sbom: str | None = None

    def digests(self) -> set[str]:
        """Return the digests of all archives that the cache needs."""
        found = {layer.digest for layers in self.layers.values() for layer in layers.values()}
        return found | ({self.sbom} if self.sbom else set())


@dataclass(frozen=True, slots=True)
class Record:
    """Everything remembered. Before the first build there is no image and the cache is empty."""

    image: ImageRecord | None = None
    cache: CacheRecord = field(default_factory=CacheRecord)

    def to_json(self) -> str:
        """Return the document that ``from_json`` reads."""
        return json.dumps({"format": FORMAT} | asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """Read a document; raises StateUnreadable if it is not one of ours."""
        try:
            document = json.loads(text)
            if document["format"] != FORMAT:
                raise StateUnreadable(f"the state directory has format {document['format']}, not {FORMAT}: remove it")
            image = document["image"]
            return cls(_image(image) if image else None, _cache(document["cache"]))
        except (ValueError, KeyError, TypeError) as problem:
            raise StateUnreadable(f"the state directory's record cannot be read ({problem!r}): remove it") from problem


def _image(raw: Mapping[str, Any]) -> ImageRecord:
    buildpacks = (
        BuildpackRecord(item["id"], item["version"], _layers(item["layers"]), item["store"])
        for item in raw["buildpacks"]
    )
    return ImageRecord(
        buildpacks=tuple(buildpacks),
        processes=tuple(_process(item) for item in raw["processes"]),
        default_process=raw["default_process"],
        labels=raw["labels"],
        slices=tuple(tuple(paths) for paths in raw["slices"]),
        app=_layer(raw["app"]),
        contents=raw["contents"],
    )


def _process(raw: Mapping[str, Any]) -> Process:
    return Process(**{**raw, "command": tuple(raw["command"]), "args": tuple(raw["args"])})


def _cache(raw: Mapping[str, Any]) -> CacheRecord:
    return CacheRecord({key: _layers(layers) for key, layers in raw["layers"].items()}, raw["sbom"])


def _layers(raw: Mapping[str, Any]) -> dict[str, LayerRecord]:
    return {name: _layer(item) for name, item in raw.items()}


def _layer(raw: Mapping[str, Any]) -> LayerRecord:
    return LayerRecord(Types(**raw["types"]), raw["metadata"], raw["digest"], raw["size"])
