"""Layers: the directories that a build adds to the image or the cache, and that the next build may reuse.

The spec is Buildpack, Layers. The rules of the lifecycle that this module follows:

- A layer's directory that exists is exported again.
- If the directory of a launch layer does not exist, the layer of the previous image is used. So the directory of a
  reused layer must not be created.
- ``[types]`` must be written in every build.
- A cached layer without content makes the export fail.

Whether a layer is reused is decided from its restored metadata only, as it was before the build ran any program: all
records are read together. A program that a build runs may write anywhere in the layers directory. So a launch layer's
directory that this build did not make is not its content, and ``seal`` checks every record at the end.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from cnb.exec_d import Program, write_exec_d
from cnb.files import write_file
from cnb.frozen import field, frozen
from cnb.layer_env import LayerEnv, write_layer_env
from cnb.layer_frame import Bills, Frame, look_at_bills, remove_uninvited, take_frame
from cnb.layer_metadata import (
    NotRecorded,
    Recorded,
    UnreadableRecord,
    changes,
    key_strings,
    read_record,
    record_document,
)
from cnb.sbom import Sbom, sbom_file_name
from cnb.seal import WrittenRecord, seal
from cnb.toml_files import toml_bytes
from cnb.trees import is_filled, make_directory, remove

# No dots: the lifecycle splits the names of SBOM files at the first dot.
_LAYER_NAME = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED = frozenset({"build", "launch", "store"})
_UNREADABLE = b"\0"
"""Stands for the content of a record that cannot be read; it is not TOML."""


@frozen
class LayerTypes:
    """What the layer is for: the image, later buildpacks, the next build."""

    launch: bool = False
    build: bool = False
    cache: bool = False

    @property
    def needs_content(self) -> bool:
        """Whether the layer's directory must exist to reuse it. Not for a launch layer: the previous image has it."""
        return self.build or self.cache or not self.launch


@frozen
class LayerSpec:
    """A layer that the build needs. Layers with equal keys have equal content."""

    name: str
    types: LayerTypes
    key: object
    """An instance of a frozen dataclass of strings; a field's ``metadata={"label": …}`` names it in reasons."""

    def __post_init__(self) -> None:
        check_layer_name(self.name)
        key_strings(self.key)

    @property
    def identity(self) -> str:
        """The sha256 of the key, in hexadecimal: equal to ``Layers.identity`` after the layer is provided."""
        return _identity(key_strings(self.key))


@frozen
class LayerContent:
    """What belongs to a layer besides the files that its contributor wrote."""

    env: LayerEnv = field(default_factory=LayerEnv)
    exec_d: Mapping[str, Program] = field(default_factory=dict)
    exec_d_by_process: Mapping[str, Mapping[str, Program]] = field(default_factory=dict)
    sboms: tuple[Sbom, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Strings that are returned when the layer is reused, for information that only its content would give."""
    key: object | None = None
    """The key to record instead of that of the specification, if making the content showed more of what decides it."""


Contribute = Callable[[Path], LayerContent]
"""Writes the layer's files into the given empty directory, and returns the rest of its content."""


@frozen
class Create:
    """The layer does not exist and must be made."""


@frozen
class Reuse:
    """The recorded key equals the key of the layer that is needed."""

    metadata: Mapping[str, str]
    present: bool
    """Whether the content is on disk; otherwise it is only in the previous image."""


@frozen
class Rebuild:
    """The layer must be made again; all reasons are given."""

    reasons: tuple[str, ...]


Decision = Create | Reuse | Rebuild


@frozen
class Created:
    """The layer was made for the first time."""

    path: Path
    metadata: Mapping[str, str]


@frozen
class Reused:
    """The layer is reused. Unless ``present``, there is nothing at ``path`` during this build."""

    path: Path
    metadata: Mapping[str, str]
    present: bool


@frozen
class Rebuilt:
    """The layer was made again; all reasons are given."""

    path: Path
    metadata: Mapping[str, str]
    reasons: tuple[str, ...]


State = Created | Reused | Rebuilt


class Layers:
    """The directory of this buildpack's layers (CNB_LAYERS_DIR)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_content_nested = False
        """Whether the content of all layers is one level down: then what programs write beside it is removed."""
        self.provided: dict[str, State] = {}
        """The state of each layer provided so far, by name, for reports on the build."""
        self._restored: dict[str, bytes] | None = None
        """The content of all ``<layer>.toml`` by layer name, as it was when the first of them was needed."""
        self._found: dict[str, Frame] = {}
        """What the layers consist of that the platform restored with their content."""
        self._bills: Bills = {}
        """The bills of materials that the platform restored."""
        self._records: dict[str, Recorded | NotRecorded | UnreadableRecord] = {}
        """Records by layer name. They are read often, and one that lists hundreds of packages takes time to parse."""
        self._written: dict[str, tuple[LayerSpec, bytes]] = {}
        """What this build wrote last into each ``<layer>.toml``."""
        self._made: dict[str, Frame] = {}
        """The layers whose content this build made, and what they consist of."""

    def path(self, name: str) -> Path:
        """Return the directory of a layer, whether it exists or not. Raises ValueError for an invalid name."""
        check_layer_name(name)
        return self.root / name

    def decide(self, spec: LayerSpec) -> Decision:
        """Return whether a layer can be reused or must be made; nothing on disk is changed."""
        present = self._is_present(spec)
        match self._read(spec.name):
            case UnreadableRecord():
                return Rebuild(("the recorded metadata could not be read",))
            case NotRecorded():
                return Rebuild(("nothing was recorded about its content",)) if present else Create()
            case Recorded(key, metadata):
                reasons = changes(key, spec.key)
                if reasons:
                    return Rebuild(reasons)
                if spec.types.needs_content and not present:
                    return Rebuild(("its content was not restored",))
                return Reuse(metadata, present)

    def provide(self, spec: LayerSpec, contribute: Contribute) -> State:
        """Reuse the layer if its key is equal, else make it with ``contribute``.

        Raises whatever ``contribute`` raises, and FileNotWritten. After an error nothing is recorded about the layer,
        so that no later build takes its incomplete content for complete.
        """
        state = self._provide(spec, contribute)
        self.provided[spec.name] = state
        return state

    def _provide(self, spec: LayerSpec, contribute: Contribute) -> State:
        path = self.path(spec.name)
        match self.decide(spec):
            case Reuse(metadata, present):
                if not present:
                    # An empty directory would be exported instead of the content in the previous image.
                    remove(path)
                self._write_toml(spec, metadata)
                return Reused(path, metadata, present)
            case Create():
                return Created(path, self._make(spec, contribute))
            case Rebuild(reasons):
                return Rebuilt(path, self._make(spec, contribute), reasons)

    def describe(self, name: str, metadata: Mapping[str, str]) -> None:
        """Replace the metadata of a layer that this build has provided. Raises FileNotWritten."""
        if self.restored_metadata(name) != metadata:
            spec, _ = self._written[name]
            self._write_toml(spec, metadata)

    def seal(self) -> tuple[str, ...]:
        """Leave only what this build has provided, and return what others have written: see ``cnb.seal``.

        To be called when all programs of the build have ended. Raises LayerReplaced and FileNotWritten.
        """
        written = {
            name: WrittenRecord(
                content,
                spec.types.needs_content or name in self._made,
                spec.types.launch,
                self._made.get(name) or self._found.get(name),
            )
            for name, (spec, content) in self._written.items()
        }
        return seal(self.root, written, self._restored_records(), self._bills)

    def forget(self, name: str) -> None:
        """Remove a layer's directory, its ``<layer>.toml`` and its bills of materials. Raises FileNotWritten."""
        path = self.path(name)
        # The record goes first: if removing the rest fails, no later build reuses the incomplete layer.
        self._restored_records().pop(name, None)
        self._records.pop(name, None)
        self._written.pop(name, None)
        self._made.pop(name, None)
        remove(self._toml(name))
        for sbom in sorted(self.root.glob(f"{name}.sbom.*")):
            remove(sbom)
        remove(path)

    def made_for_launch(self) -> tuple[str, ...]:
        """Return the names of the layers of the image whose content this build made, sorted."""
        written = self._written
        return tuple(sorted(name for name in self._made if name in written and written[name][0].types.launch))

    def provided_for_launch(self) -> tuple[str, ...]:
        """Return the names of all layers of the image, those that are reused included, sorted."""
        return tuple(sorted(name for name, (spec, _) in self._written.items() if spec.types.launch))

    def restored_key(self, name: str) -> Mapping[str, str]:
        """Return the key recorded for a layer; empty if there is none."""
        record = self._record(name)
        return record.key if record else {}

    def identity(self, name: str) -> str:
        """Return the sha256 of the key recorded for a layer, in hexadecimal: equal for equal content."""
        return _identity(self.restored_key(name))

    def restored_metadata(self, name: str) -> Mapping[str, str]:
        """Return the metadata recorded for a layer, even if its key has changed; empty if there is none."""
        record = self._record(name)
        return record.metadata if record else {}

    def _record(self, name: str) -> Recorded | None:
        check_layer_name(name)
        record = self._read(name)
        return record if isinstance(record, Recorded) else None

    def _read(self, name: str) -> Recorded | NotRecorded | UnreadableRecord:
        if name not in self._records:
            self._records[name] = read_record(self._restored_records().get(name), self._toml(name))
        return self._records[name]

    def _restored_records(self) -> dict[str, bytes]:
        if self._restored is None:
            self._restored = {path.stem: _content(path) for path in self.root.glob("*.toml")}
            self._found = {
                name: take_frame(self.root / name, {}) for name in self._restored if is_filled(self.root / name)
            }
            self._bills = look_at_bills(self.root)
        return self._restored

    def _is_present(self, spec: LayerSpec) -> bool:
        """Return whether the layer's content is on disk: the platform restored it, or this build made it.

        The platform does not restore a layer that is for the image only: what is there is somebody else's.
        """
        path = self.path(spec.name)
        return (spec.types.needs_content or spec.name in self._made) and not path.is_symlink() and is_filled(path)

    def _make(self, spec: LayerSpec, contribute: Contribute) -> Mapping[str, str]:
        path = self.path(spec.name)
        self.forget(spec.name)
        make_directory(path)
        self._made[spec.name] = Frame(frozenset(), {})
        content = contribute(path)
        if self.is_content_nested:
            remove_uninvited(path)
        write_layer_env(content.env, path)
        write_exec_d(path, content.exec_d, content.exec_d_by_process)
        sboms = {sbom_file_name(spec.name, sbom.format): sbom.content for sbom in content.sboms}
        for name, document in sboms.items():
            write_file(self.root / name, document)
        self._made[spec.name] = take_frame(path, sboms)
        # The record goes last: it marks the layer as complete.
        made = spec if content.key is None else LayerSpec(spec.name, spec.types, content.key)
        self._write_toml(made, content.metadata)
        return content.metadata

    def _write_toml(self, spec: LayerSpec, metadata: Mapping[str, str]) -> None:
        types = {"launch": spec.types.launch, "build": spec.types.build, "cache": spec.types.cache}
        content = toml_bytes({"types": types, "metadata": record_document(spec.key, metadata)})
        self._records[spec.name] = Recorded(key_strings(spec.key), dict(metadata))
        self._written[spec.name] = (spec, content)
        write_file(self._toml(spec.name), content)

    def _toml(self, name: str) -> Path:
        return self.root / f"{name}.toml"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return _UNREADABLE


def _identity(key: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(key.items())).encode()).hexdigest()


def check_layer_name(name: str) -> None:
    """Raise ValueError unless ``name`` is a valid name of a layer."""
    if not _LAYER_NAME.fullmatch(name) or name in _RESERVED:
        raise ValueError(
            f"{name!r} cannot be the name of a layer: letters, digits, '_' and '-' may be used, and it must not be "
            f"{', '.join(sorted(_RESERVED))}"
        )
