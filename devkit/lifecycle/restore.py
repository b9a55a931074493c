"""Before a build: giving buildpacks back what the previous image and the cache hold of their layers (spec: Restore).

What comes back follows from the types a layer had:

- launch only: its metadata, never its contents;
- cache only, with or without build: metadata and contents from the cache;
- launch and cache: metadata, and the contents if the cache holds exactly the layer that the image has; if the cache
  lacks the layer, nothing;
- build without cache: nothing.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from devkit.lifecycle.descriptor import Descriptor
from devkit.lifecycle.digest import CacheCorrupt, unpack
from devkit.lifecycle.records import BuildpackRecord, CacheRecord, LayerRecord, Record
from devkit.lifecycle.state import State


@dataclass(frozen=True, slots=True)
class Restoration:
    """Which layer of a buildpack to restore, and the archive that holds its contents if those come back, too."""

    name: str
    metadata: object
    archive: str | None


def decide_restoration(image: BuildpackRecord, cache: dict[str, LayerRecord]) -> list[Restoration]:
    """Return what is restored of one buildpack's layers, by the rules of Platform API 0.14."""
    chosen: dict[str, LayerRecord] = {}
    for name, layer in image.layers.items():
        rebuilt_anyway = layer.types.build and not layer.types.cache
        if layer.types.launch and not rebuilt_anyway and (not layer.types.cache or name in cache):
            chosen[name] = layer
    chosen |= {name: layer for name, layer in cache.items() if not (layer.types.launch and name in image.layers)}
    # A layer that the cache knows with another digest is dropped, metadata and all: better none than a mixture.
    return [
        Restoration(name, layer.metadata, layer.digest if name in cache else None)
        for name, layer in sorted(chosen.items())
        if name not in cache or cache[name].digest == layer.digest
    ]


def restore(state: State, group: list[Descriptor], record: Record) -> list[str]:
    """Write what ``record`` has for the buildpacks of ``group`` to the layers directory; return notices for the log."""
    notices = []
    for buildpack in group:
        image = record.image.buildpack(buildpack.id) if record.image else BuildpackRecord(buildpack.id, "")
        directory = state.layers / buildpack.directory
        if image.store is not None:
            _write_metadata(directory / "store.toml", image.store)
        for restoration in decide_restoration(image, dict(record.cache.layers.get(buildpack.id, {}))):
            _write_metadata(directory / f"{restoration.name}.toml", restoration.metadata)
            if restoration.archive is not None:
                notices += _restore_contents(state, restoration.name, restoration.archive)
    _restore_sboms(state, group, record)
    return notices


def _restore_contents(state: State, name: str, digest: str) -> list[str]:
    try:
        unpack(state.archive(digest), digest, state.root)
    except CacheCorrupt as problem:
        return [f"layer {name} is not restored: {problem}"]
    return []


def _write_metadata(path: Path, metadata: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps({} if metadata is None else {"metadata": metadata}))


def _restore_sboms(state: State, group: list[Descriptor], record: Record) -> None:
    sources = []
    if record.cache.sbom and not _restore_contents(state, "sbom", record.cache.sbom):
        sources.append(state.layers / "sbom" / "cache")
    if record.image and (token := record.image.contents.get("layers/sbom")):
        sources.append(state.root / "contents" / token / "launch")
    for source in sources:
        for buildpack in group:
            _copy_sboms(source / buildpack.directory, state.layers / buildpack.directory)
    shutil.rmtree(state.layers / "sbom", ignore_errors=True)


def _copy_sboms(source: Path, directory: Path) -> None:
    """Bring the SBOM of layers back beside them; ``launch.sbom`` and ``build.sbom`` must be made anew every time."""
    if directory.is_dir():
        for path in sorted(source.glob("*/sbom.*.json")):
            shutil.copy(path, directory / f"{path.parent.name}.{path.name}")


def without_lost_parts(record: Record, *, previous_image: bool, cache: bool) -> Record:
    """Return what is left of ``record`` when the image, the cache or both cannot be reached."""
    return Record(record.image if previous_image else None, record.cache if cache else CacheRecord())
