"""What a buildpack left in its layers directory, read and checked (spec: Data Format; Layer types)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from devkit.lifecycle.descriptor import Descriptor
from devkit.lifecycle.documents import Table, boolean, check_keys, read_toml, string, strings, subtable, tables
from devkit.lifecycle.plan import Require
from devkit.lifecycle.problems import Violation
from devkit.lifecycle.records import Process, Types

RESERVED_LAYERS = frozenset({"build", "launch", "store"})
SBOM_FORMATS: Mapping[str, str] = {
    "cdx": "application/vnd.cyclonedx+json",
    "spdx": "application/spdx+json",
    "syft": "application/vnd.syft+json",
}
IGNORED = ".ignore"
"""Added to the name of the directory of a layer without types, so that nothing later can see it."""

_PROCESS_TYPE = re.compile(r"[A-Za-z0-9._-]+")
_PROCESS_KEYS = frozenset({"type", "command", "args", "default", "working-dir"})


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that a buildpack declared with ``<layer>.toml``; its directory may be absent."""

    name: str
    path: Path
    types: Types
    metadata: object

    @property
    def present(self) -> bool:
        """Whether it has contents; an empty directory is contents."""
        return self.path.is_dir()


@dataclass(frozen=True, slots=True)
class Launch:
    """What ``launch.toml`` says."""

    processes: tuple[Process, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    slices: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Sbom:
    """An SBOM file. ``layer`` is ``launch`` or ``build`` when it is not about a layer."""

    layer: str
    format: str
    path: Path


@dataclass(frozen=True, slots=True)
class Outputs:
    """Everything that one ``bin/build`` contributed."""

    layers: tuple[Layer, ...]
    launch: Launch
    unmet: frozenset[str]
    store: Table | None
    sboms: tuple[Sbom, ...]
    notices: tuple[str, ...]


def read_outputs(buildpack: Descriptor, directory: Path, plan: tuple[Require, ...]) -> Outputs:
    """Read and check the layers directory of ``buildpack`` after its build, and hide layers without types.

    Raises Violation for the first thing that is not as the contract wants it.
    """
    layers = tuple(_read_layers(directory))
    for layer in layers:
        if layer.types == Types() and layer.present:
            layer.path.rename(layer.path.with_name(layer.name + IGNORED))
    return Outputs(
        layers=layers,
        launch=_read_launch(directory / "launch.toml", buildpack.id),
        unmet=_read_unmet(directory / "build.toml", {require.name for require in plan}),
        store=_read_store(directory / "store.toml"),
        sboms=tuple(_read_sboms(directory, buildpack)),
        notices=tuple(_notices(directory, {layer.name for layer in layers})),
    )


def _read_layers(directory: Path) -> Iterator[Layer]:
    for path in sorted(directory.glob("*.toml")):
        name = path.name.removesuffix(".toml")
        if name in RESERVED_LAYERS:
            if (directory / name).is_dir():
                raise Violation(f"{name} is a reserved name and cannot be a layer")
        elif "." in name or not name:
            raise Violation(f"{path.name}: a layer's name must not have a dot in it, or its SBOM is not found")
        else:
            yield _read_layer(path, directory / name)


def _read_layer(toml: Path, path: Path) -> Layer:
    document = read_toml(toml)
    if misplaced := sorted(document.keys() & {"launch", "build", "cache"}):
        raise Violation(f"{toml.name}: {', '.join(misplaced)} must be in [types]")
    check_keys(document, frozenset({"types", "metadata"}), toml.name)
    types = subtable(document, "types", toml.name)
    check_keys(types, frozenset({"launch", "build", "cache"}), f"{toml.name} [types]")
    if path.exists() and not path.is_dir():
        raise Violation(f"{path.name} is a file, but {toml.name} makes it a layer")
    return Layer(
        name=path.name,
        path=path,
        types=Types(**{key: boolean(types, key, f"{toml.name} [types]") for key in ("launch", "build", "cache")}),
        metadata=subtable(document, "metadata", toml.name) if "metadata" in document else None,
    )


def _read_launch(path: Path, buildpack: str) -> Launch:
    if not path.exists():
        return Launch()
    document = read_toml(path)
    check_keys(document, frozenset({"processes", "labels", "slices"}), "launch.toml")
    processes = [_read_process(table, buildpack) for table in tables(document, "processes", "launch.toml")]
    _check_processes(processes)
    labels = tables(document, "labels", "launch.toml")
    slices = tables(document, "slices", "launch.toml")
    for kind, entries, keys in (("labels", labels, {"key", "value"}), ("slices", slices, {"paths"})):
        for entry in entries:
            check_keys(entry, keys, f"[[{kind}]]")
    return Launch(
        processes=tuple(processes),
        labels=tuple((string(label, "key", "[[labels]]"), string(label, "value", "[[labels]]")) for label in labels),
        slices=tuple(strings(entry, "paths", "[[slices]]") for entry in slices),
    )


def _read_process(table: Table, buildpack: str) -> Process:
    where = f"[[processes]] {table.get('type')}"
    if "direct" in table:
        raise Violation(f"{where}: direct is gone since Buildpack API 0.9; no shell is ever put around a process")
    check_keys(table, _PROCESS_KEYS, where)
    process = Process(
        type=string(table, "type", where),
        command=strings(table, "command", where),
        args=strings(table, "args", where),
        default=boolean(table, "default", where),
        working_dir=string(table, "working-dir", where, ""),
        buildpack=buildpack,
    )
    if not _PROCESS_TYPE.fullmatch(process.type):
        raise Violation(f"{where}: a type has only letters, digits, dots, underscores and hyphens")
    if not process.command or not process.command[0]:
        raise Violation(f"{where}: command must be an array with at least the program in it")
    return process


def _check_processes(processes: list[Process]) -> None:
    types = [process.type for process in processes]
    if len(set(types)) != len(types):
        raise Violation(f"launch.toml: a process type is defined twice: {types}")
    if sum(process.default for process in processes) > 1:
        raise Violation("launch.toml: more than one process is the default")


def _read_unmet(path: Path, plan: set[str]) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    document = read_toml(path)
    check_keys(document, frozenset({"unmet"}), "build.toml")
    names = set()
    for entry in tables(document, "unmet", "build.toml"):
        check_keys(entry, frozenset({"name"}), "[[unmet]]")
        names.add(string(entry, "name", "[[unmet]]"))
    if strange := sorted(names - plan):
        raise Violation(f"build.toml: unmet {', '.join(strange)} is not in the buildpack's plan")
    return frozenset(names)


def _read_store(path: Path) -> Table | None:
    if not path.exists():
        return None
    document = read_toml(path)
    check_keys(document, frozenset({"metadata"}), "store.toml")
    return subtable(document, "metadata", "store.toml")


def _read_sboms(directory: Path, buildpack: Descriptor) -> Iterator[Sbom]:
    for path in sorted(directory.glob("*.sbom.*.json")):
        layer, _, rest = path.name.partition(".")
        form = rest.removeprefix("sbom.").removesuffix(".json")
        media_type = SBOM_FORMATS.get(form)
        if media_type is None:
            raise Violation(f"{path.name}: the formats are {', '.join(f'sbom.{name}.json' for name in SBOM_FORMATS)}")
        if media_type not in buildpack.sbom_formats:
            raise Violation(f"{path.name}: {media_type} is not in sbom-formats of buildpack.toml")
        yield Sbom(layer, form, path)


def _notices(directory: Path, declared: set[str]) -> Iterator[str]:
    for path in sorted(directory.iterdir()):
        if path.is_dir() and path.name not in declared and not path.name.endswith(IGNORED):
            yield f"{path.name}/ has no {path.name}.toml and is ignored"
        elif ".sbom." in path.name and path.name.partition(".")[0] not in declared | {"launch", "build"}:
            yield f"{path.name} is about no layer and is ignored"


def merge_processes(contributions: list[tuple[Process, ...]]) -> tuple[tuple[Process, ...], str]:
    """Return the processes of an image, sorted by type, and its default type (empty if none).

    A later buildpack's process replaces an earlier one of the same type; the last default wins; replacing the default
    by one that is not leaves the image without.
    """
    merged: dict[str, Process] = {}
    default = ""
    for process in (process for processes in contributions for process in processes):
        if process.default:
            default = process.type
        elif process.type == default:
            default = ""
        merged[process.type] = process
    return tuple(replace(merged[name], default=name == default) for name in sorted(merged)), default
