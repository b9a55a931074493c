"""buildpack.toml: the description of a buildpack (spec: Buildpack, buildpack.toml)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.target import DeclaredTarget, parse_declared_target
from cnb.toml_files import read_toml

SUPPORTED_APIS = ("0.10", "0.11", "0.12")
"""The Buildpack APIs that this library implements; the lifecycle reads the one to use from buildpack.toml.

0.12 adds execution environments, and no lifecycle before 0.21 takes it.
"""
_LISTED = f"{', '.join(SUPPORTED_APIS[:-1])} and {SUPPORTED_APIS[-1]}"


class DescriptorUnusable(BuildpackError):
    """The buildpack's own buildpack.toml lacks a required key, or names a Buildpack API that is not supported.

    The buildpack's package is wrong; no app can cause or fix this.
    """

    code = "descriptor-unusable"
    title = "The buildpack's buildpack.toml is wrong"


@frozen
class Descriptor:
    """The content of buildpack.toml, as far as a running buildpack needs it."""

    api: str
    id: str
    version: str
    name: str = ""
    homepage: str = ""
    clear_env: bool = False
    sbom_formats: frozenset[str] = frozenset()
    """Media types; a file in any other format makes the lifecycle fail the build."""
    targets: tuple[DeclaredTarget, ...] = ()
    metadata: Mapping[str, Any] | None = None


def read_descriptor(buildpack_dir: Path) -> Descriptor:
    """Return the content of ``buildpack_dir``'s buildpack.toml. Raises TomlUnreadable, DescriptorUnusable."""
    path = buildpack_dir / "buildpack.toml"
    return parse_descriptor(read_toml(path), str(path))


def parse_descriptor(document: Mapping[str, Any], where: str = "buildpack.toml") -> Descriptor:
    """Return the content of a buildpack.toml document; the API is checked first. Raises DescriptorUnusable.

    ``where`` names the document in errors.
    """
    api = document.get("api")
    if api not in SUPPORTED_APIS:
        declared = "has no key api" if api is None else f'says api = "{api}"'
        raise DescriptorUnusable(
            f"{where} {declared}, but this buildpack supports only Buildpack API {_LISTED}.",
            f'Use the package as it was released; its buildpack.toml says api = "{SUPPORTED_APIS[0]}".',
        )
    try:
        return _parse(document, where)
    except (AttributeError, TypeError) as error:
        raise DescriptorUnusable(
            f"{where} has a value of the wrong type: {error}.", "Use the package as it was released."
        ) from error


def _parse(document: Mapping[str, Any], where: str) -> Descriptor:
    buildpack = document.get("buildpack", {})
    missing = [key for key in ("id", "version") if not isinstance(buildpack.get(key), str)]
    if missing:
        raise DescriptorUnusable(
            f"{where} has no {' and no '.join(missing)} in [buildpack].", "Use the package as it was released."
        )
    return Descriptor(
        api=document["api"],
        id=buildpack["id"],
        version=buildpack["version"],
        name=buildpack.get("name", ""),
        homepage=buildpack.get("homepage", ""),
        clear_env=buildpack.get("clear-env", False),
        sbom_formats=frozenset(buildpack.get("sbom-formats", ())),
        targets=tuple(parse_declared_target(table) for table in document.get("targets", ())),
        metadata=document.get("metadata", {}),
    )
