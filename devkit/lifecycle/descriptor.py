"""Reading ``buildpack.toml`` of a component buildpack (Buildpack API 0.10 to 0.12)."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from devkit.lifecycle.documents import Table, boolean, check_keys, read_toml, string, strings, subtable, tables
from devkit.lifecycle.problems import Violation
from devkit.lifecycle.target import Target

SUPPORTED_APIS = ("0.10", "0.11", "0.12")
EXEC_ENV_API = "0.12"
"""The first API with execution environments."""
RESERVED_IDS = frozenset({"app", "config", "generated", "sbom"})

_TOP_KEYS = frozenset({"api", "buildpack", "targets", "stacks", "metadata"})
_BUILDPACK_KEYS = frozenset(
    {"id", "version", "name", "homepage", "description", "keywords", "licenses", "clear-env", "sbom-formats"}
)
_ID = re.compile(r"[0-9A-Za-z./-]+")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class TargetRule:
    """One ``[[targets]]`` entry; an empty string matches anything."""

    os: str
    arch: str
    variant: str
    distros: tuple[tuple[str, str], ...]

    def accepts(self, target: Target) -> bool:
        """Say whether ``target`` satisfies this entry: what either side leaves open matches, except distributions."""
        pairs = ((self.os, target.os), (self.arch, target.arch), (self.variant, target.arch_variant))
        if any(rule and actual and rule != actual for rule, actual in pairs):
            return False
        return not self.distros or any(
            name in {"", target.distro_name} and version in {"", target.distro_version}
            for name, version in self.distros
        )


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A component buildpack: where it is and what it says of itself."""

    root: Path
    api: str
    id: str
    version: str
    clear_env: bool = False
    sbom_formats: frozenset[str] = frozenset()
    targets: tuple[TargetRule, ...] = ()

    @property
    def directory(self) -> str:
        """The name of its folder below the layers directory."""
        return self.id.replace("/", "_")

    def accepts(self, target: Target) -> bool:
        """Say whether it may build for ``target``; without ``[[targets]]`` any Linux will do."""
        if not self.targets:
            return target.os == "linux"
        return any(rule.accepts(target) for rule in self.targets)


def read_descriptor(root: Path) -> Descriptor:
    """Read the buildpack whose root directory is ``root``.

    Raises Violation for an unknown API or key, an id or version that the platform would refuse, or a ``bin/detect``
    or ``bin/build`` that cannot be executed.
    """
    root = root.resolve()
    document = read_toml(root / "buildpack.toml")
    api = string(document, "api", "buildpack.toml")
    if api not in SUPPORTED_APIS:
        raise Violation(
            f"buildpack.toml: api {api!r} is not one that this lifecycle knows ({', '.join(SUPPORTED_APIS)})"
        )
    if "order" in document:
        raise Violation("buildpack.toml: composite buildpacks ([[order]]) are not supported; name the components")
    check_keys(document, _TOP_KEYS, "buildpack.toml")
    table = subtable(document, "buildpack", "buildpack.toml")
    check_keys(table, _BUILDPACK_KEYS | ({"exec-env"} if api == EXEC_ENV_API else set()), "[buildpack]")
    descriptor = Descriptor(
        root=root,
        api=api,
        id=_read_id(table),
        version=_read_version(table),
        clear_env=boolean(table, "clear-env", "[buildpack]"),
        sbom_formats=frozenset(strings(table, "sbom-formats", "[buildpack]")),
        targets=tuple(_read_target(entry) for entry in tables(document, "targets", "buildpack.toml")),
    )
    _check_executables(root)
    return descriptor


def _read_id(table: Table) -> str:
    value = string(table, "id", "[buildpack]")
    if not _ID.fullmatch(value) or value in RESERVED_IDS:
        raise Violation(f"[buildpack]: {value!r} is not allowed as an id")
    return value


def _read_version(table: Table) -> str:
    value = string(table, "version", "[buildpack]")
    if not _VERSION.fullmatch(value):
        raise Violation(f"[buildpack]: version {value!r} is not of the form X.Y.Z without leading zeros")
    return value


def _read_target(table: Table) -> TargetRule:
    check_keys(table, frozenset({"os", "arch", "variant", "distros"}), "[[targets]]")
    distros = tables(table, "distros", "[[targets]]")
    return TargetRule(
        os=string(table, "os", "[[targets]]", ""),
        arch=string(table, "arch", "[[targets]]", ""),
        variant=string(table, "variant", "[[targets]]", ""),
        distros=tuple((string(d, "name", "distros", ""), string(d, "version", "distros", "")) for d in distros),
    )


def _check_executables(root: Path) -> None:
    for name in ("detect", "build"):
        path = root / "bin" / name
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise Violation(f"bin/{name} is missing or not executable")
