"""buildpack.toml: what a buildpack says about itself (spec: Buildpack, buildpack.toml)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.target import DeclaredTarget, parse_declared_target
from cnb.toml_files import read_toml

SUPPORTED_API = "0.10"
"""The Buildpack API that this library speaks; the lifecycle behaves by the number in buildpack.toml."""


class DescriptorUnusable(BuildpackError):
    """The buildpack's own buildpack.toml lacks what it must have, or names a Buildpack API that it does not speak.

    The package was put together wrongly; nothing in an app can cause or cure it.
    """

    code = "descriptor-unusable"
    title = "The buildpack's buildpack.toml is wrong"


@frozen
class Descriptor:
    """The content of buildpack.toml, as far as a running buildpack asks for it."""

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
    """Return what buildpack.toml says. Raises TomlUnreadable, DescriptorUnusable."""
    path = buildpack_dir / "buildpack.toml"
    return parse_descriptor(read_toml(path), str(path))


def parse_descriptor(document: Mapping[str, Any], where: str = "buildpack.toml") -> Descriptor:
    """Check and return the document of a buildpack.toml, the API first. Raises DescriptorUnusable."""
    api = document.get("api")
    if api != SUPPORTED_API:
        declared = "does not say its api" if api is None else f'says api = "{api}"'
        raise DescriptorUnusable(
            f"{where} {declared}, but this buildpack speaks Buildpack API {SUPPORTED_API} and no other.",
            f'Use the package as it was released; its buildpack.toml says api = "{SUPPORTED_API}".',
        )
    try:
        return _parse(document, where)
    except (AttributeError, TypeError) as error:
        raise DescriptorUnusable(
            f"{where} has a value of another kind than belongs there: {error}.", "Use the package as it was released."
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
