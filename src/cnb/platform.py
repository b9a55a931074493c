"""The platform directory: the user's environment variables and service bindings (spec: Buildpack, Environment).

Both are directories of small files, put there by people, by ``pack`` and by Kubernetes: what is odd in them
(directories, links into nowhere, files of another user) is skipped, and what is in a file is taken as it is, final
newline included.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.frozen import field, frozen

LARGEST = 4 << 20
"""Bytes of a variable or of an entry; Kubernetes allows a quarter of that for a whole secret."""
_LEGACY_METADATA = "metadata"
_LEGACY_SECRETS = "secret"


@frozen
class Binding:
    """A service binding (servicebinding.io): a directory with a type and secrets, of which only the names are read."""

    name: str
    type: str
    """What it is for, without surrounding white space; empty if the directory does not say."""
    provider: str | None
    path: Path
    entries: tuple[str, ...] = ()
    """The names of its secrets, sorted."""

    def is_of_type(self, wanted: str) -> bool:
        """Compare types as the specification asks: case does not matter."""
        return self.type.casefold() == wanted.casefold()

    def secret(self, key: str) -> str | None:
        """Return a secret as it is in its file, or None if it is not there, not readable or too large."""
        if key not in self.entries:
            return None
        plain = _read(self.path / key)
        return plain if plain is not None else _read(self.path / _LEGACY_SECRETS / key)


@frozen
class Platform:
    """What the user gave to the build.

    The process environment holds the variables too, merged by the lifecycle with those of earlier buildpacks (unless
    buildpack.toml says clear-env); ``env`` is only what the user said.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()

    def bindings_of_type(self, wanted: str) -> tuple[Binding, ...]:
        """Return the bindings of a type, sorted by name."""
        return tuple(binding for binding in self.bindings if binding.is_of_type(wanted))


def read_platform(platform_dir: Path, env: Mapping[str, str]) -> Platform:
    """Return what is in the platform directory. Never fails on what it finds there.

    Where SERVICE_BINDING_ROOT is set, bindings come from there and from nowhere else.
    """
    user_env = {
        name: value
        for name in _names(platform_dir / "env")
        if (value := _read(platform_dir / "env" / name)) is not None
    }
    root = env.get("SERVICE_BINDING_ROOT") or user_env.get("SERVICE_BINDING_ROOT")
    bindings_dir = Path(root) if root else platform_dir / "bindings"
    bindings = (_read_binding(bindings_dir / name) for name in _names(bindings_dir))
    return Platform(user_env, tuple(binding for binding in bindings if binding is not None))


def _read_binding(path: Path) -> Binding | None:
    if not path.is_dir():
        return None
    kind = _first(path, "type", f"{_LEGACY_METADATA}/kind")
    return Binding(
        name=path.name,
        type=kind or "",
        provider=_first(path, "provider", f"{_LEGACY_METADATA}/provider"),
        path=path,
        entries=tuple(sorted(_secret_names(path))),
    )


def _secret_names(path: Path) -> Iterator[str]:
    for name in _names(path):
        if name not in {"type", "provider"} and (path / name).is_file():
            yield name
    for name in _names(path / _LEGACY_SECRETS):
        if (path / _LEGACY_SECRETS / name).is_file() and not (path / name).is_file():
            yield name


def _first(path: Path, *names: str) -> str | None:
    values = (_read(path / name) for name in names)
    return next((value.strip() for value in values if value is not None), None)


def _names(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are what is wanted, and undecodable ones stay usable
    except OSError:
        return []
    # Kubernetes mounts ..data and ..2026_11_22_… beside the keys; a variable or a binding has no such name.
    return sorted(name for name in names if not name.startswith(".."))


def _read(path: Path) -> str | None:
    try:
        # A FIFO would be waited for.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError:
        return None
    return raw.decode("utf-8", "surrogateescape") if len(raw) <= LARGEST else None
