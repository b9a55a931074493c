"""After a build: making the image and the cache from what the buildpacks left (spec: Export)."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devkit.lifecycle import trees
from devkit.lifecycle.descriptor import Descriptor
from devkit.lifecycle.digest import Packed, pack
from devkit.lifecycle.documents import metadata_as_stored
from devkit.lifecycle.outputs import Layer, Outputs, Sbom, merge_processes
from devkit.lifecycle.problems import Violation
from devkit.lifecycle.records import BuildpackRecord, CacheRecord, ImageRecord, LayerRecord, Record, Types
from devkit.lifecycle.results import LayerOutcome, Outcome
from devkit.lifecycle.state import State

NO_LAYER = LayerRecord(Types(), None, "", 0)
APP = "workspace"
SBOM = "layers/sbom"


@dataclass(frozen=True, slots=True)
class Contribution:
    """A buildpack and what it left."""

    buildpack: Descriptor
    outputs: Outputs


class ExportRefused(Violation):
    """A layer that cannot be exported, and the buildpack that left it so."""

    def __init__(self, buildpack: str, what: str) -> None:
        super().__init__(what)
        self.buildpack = buildpack


@dataclass(slots=True)
class Exporter:
    """Collects an image and a cache. Until ``finish`` nothing is moved, so what fails before leaves all as it was."""

    state: State
    previous: Record
    outcomes: list[LayerOutcome] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _fresh: list[str] = field(default_factory=list)
    _kept: dict[str, str] = field(default_factory=dict)
    _image: dict[str, dict[str, LayerRecord]] = field(default_factory=dict)
    _cache: dict[str, dict[str, LayerRecord]] = field(default_factory=dict)

    def add(self, buildpack: Descriptor, layer: Layer) -> None:
        """Add one layer to the image, the cache, both or neither, as its types say; raises ExportRefused."""
        try:
            self._add(buildpack, layer)
        except Violation as problem:
            raise ExportRefused(buildpack.id, str(problem)) from problem

    def _add(self, buildpack: Descriptor, layer: Layer) -> None:
        metadata = metadata_as_stored(layer.metadata, f"{layer.name}.toml") if layer.metadata is not None else None
        packed = self._pack(layer, _place(buildpack, layer))
        if layer.types.launch:
            record = self._add_to_image(buildpack, layer, metadata, packed)
            self._image.setdefault(buildpack.id, {})[layer.name] = record
        if layer.types.cache:
            if packed is None:
                self.notices.append(f"layer {layer.name} has no contents and is not cached")
                return
            record = LayerRecord(layer.types, metadata, packed.digest, packed.size)
            self._cache.setdefault(buildpack.id, {})[layer.name] = record
            self._tell(buildpack, layer, Outcome.CACHED, record)

    def _pack(self, layer: Layer, place: str) -> Packed | None:
        if not layer.present:
            return None
        if layer.types.cache:
            return self._archive(layer.path, place)
        return pack(layer.path, place) if layer.types.launch else None

    def _add_to_image(
        self, buildpack: Descriptor, layer: Layer, metadata: object, packed: Packed | None
    ) -> LayerRecord:
        place = _place(buildpack, layer)
        before = self.previous.image.buildpack(buildpack.id).layers.get(layer.name) if self.previous.image else None
        if packed is None:
            return self._reuse(buildpack, layer, metadata, before)
        self._fresh.append(place)
        record = LayerRecord(layer.types, metadata, packed.digest, packed.size)
        same = before is not None and before.digest == packed.digest
        self._tell(buildpack, layer, Outcome.REUSED if same else Outcome.ADDED, record)
        return record

    def _reuse(self, buildpack: Descriptor, layer: Layer, metadata: object, before: LayerRecord | None) -> LayerRecord:
        if layer.types.cache:
            raise Violation(f"layer {layer.name} is cache=true but has no contents")
        if before is None or self.previous.image is None:
            raise Violation(f"cannot reuse layer {layer.name}: the previous image has none of that name")
        place = _place(buildpack, layer)
        self._kept[place] = self.previous.image.contents[place]
        record = LayerRecord(layer.types, metadata, before.digest, before.size)
        self._tell(buildpack, layer, Outcome.REUSED, record, by_reference=True)
        return record

    def _archive(self, path: Path, place: str) -> Packed:
        draft = self.state.root / "cache" / "draft"
        with draft.open("wb") as sink:
            packed = pack(path, place, sink)
        draft.replace(self.state.archive(packed.digest))
        return packed

    def _tell(
        self, buildpack: Descriptor, layer: Layer, outcome: Outcome, record: LayerRecord, *, by_reference: bool = False
    ) -> None:
        self.outcomes.append(
            LayerOutcome(buildpack.id, layer.name, outcome, layer.types, record.digest, record.size, by_reference)
        )

    def add_sboms(self, contributions: list[Contribution]) -> str | None:
        """Collect the SBOM files where the image and the cache have them; return the digest of the cache's, if any."""
        folder = self.state.root / SBOM
        for contribution in contributions:
            types = {layer.name: layer.types for layer in contribution.outputs.layers}
            for sbom in contribution.outputs.sboms:
                for part in _sbom_parts(sbom, types):
                    about = "" if sbom.layer == "launch" else sbom.layer
                    _copy(sbom, folder / part / contribution.buildpack.directory / about)
        if (folder / "launch").is_dir():
            self._fresh.append(SBOM)
        if not (folder / "cache").is_dir():
            return None
        digest = self._archive(folder / "cache", f"{SBOM}/cache").digest
        trees.delete(folder / "cache")
        return digest

    def finish(self, contributions: list[Contribution], sbom: str | None) -> Record:
        """Move the image's contents to where they are kept, and return the record that makes them count."""
        app = pack(self.state.workspace, APP)
        contents = dict(self._kept)
        for place in [*self._fresh, APP]:
            trees.set_image_times(self.state.root / place)
            contents[place] = self.state.adopt(self.state.root / place)
        processes, default = merge_processes([c.outputs.launch.processes for c in contributions])
        image = ImageRecord(
            buildpacks=tuple(self._buildpack_record(contribution) for contribution in contributions),
            processes=processes,
            default_process=default,
            labels=dict(label for c in contributions for label in c.outputs.launch.labels),
            slices=tuple(paths for c in contributions for paths in c.outputs.launch.slices),
            app=LayerRecord(Types(launch=True), None, app.digest, app.size),
            contents=contents,
        )
        return Record(image, CacheRecord(self._cache, sbom))

    def _buildpack_record(self, contribution: Contribution) -> BuildpackRecord:
        buildpack, store = contribution.buildpack, contribution.outputs.store
        kept = metadata_as_stored(store, "store.toml") if store is not None else None
        layers = self._image.get(buildpack.id, {})
        return BuildpackRecord(buildpack.id, buildpack.version, layers, kept if isinstance(kept, dict) else None)

    def app_outcome(self, image: ImageRecord) -> LayerOutcome:
        """Say what became of the app's own layer."""
        before = self.previous.image.app if self.previous.image else NO_LAYER
        outcome = Outcome.REUSED if before.digest == image.app.digest else Outcome.ADDED
        return LayerOutcome("", APP, outcome, image.app.types, image.app.digest, image.app.size)


def _place(buildpack: Descriptor, layer: Layer) -> str:
    return f"layers/{buildpack.directory}/{layer.name}"


def _sbom_parts(sbom: Sbom, types: Mapping[str, Types]) -> tuple[str, ...]:
    """Say where a file belongs. What is about the build, or only about build layers, ends with the build container."""
    if sbom.layer == "launch":
        return ("launch",)
    owner = types.get(sbom.layer, Types())
    return tuple(part for part, wanted in (("launch", owner.launch), ("cache", owner.cache)) if wanted)


def _copy(sbom: Sbom, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(sbom.path, folder / f"sbom.{sbom.format}.json")
