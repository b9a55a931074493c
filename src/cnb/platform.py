"""The platform directory: the user's environment variables and service bindings (spec: Buildpack, Environment).

Both are directories of small files, written by people, by ``pack`` and by Kubernetes. Entries that are not readable
files (directories, broken links, files of another user) are skipped. The content of a file is not changed; a final
newline is part of it.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.frozen import field, frozen

LARGEST = 4 << 20
"""The largest size of a variable or an entry, in bytes; Kubernetes allows a quarter of that for a whole secret."""
_LEGACY_METADATA = "metadata"
_LEGACY_SECRETS = "secret"


@frozen
class Binding:
    """A service binding (servicebinding.io): a directory with a type and secrets. Secrets are read on request only."""

    name: str
    type: str
    """Its type, without surrounding white space; empty if the directory has no such file."""
    provider: str | None
    path: Path
    entries: tuple[str, ...] = ()
    """The names of its secrets, sorted."""

    def is_of_type(self, wanted: str) -> bool:
        """Return whether the binding is of this type. The specification compares types without regard to case."""
        return self.type.casefold() == wanted.casefold()

    def secret(self, key: str) -> str | None:
        """Return the content of a secret's file, or None if it is absent, not readable or too large."""
        if key not in self.entries:
            return None
        plain = _read(self.path / key)
        return plain if plain is not None else _read(self.path / _LEGACY_SECRETS / key)


@frozen
class Platform:
    """The user's variables and bindings.

    The process environment holds the variables too, merged by the lifecycle with those of earlier buildpacks (unless
    buildpack.toml sets clear-env); ``env`` holds only those that the user set.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()

    def bindings_of_type(self, wanted: str) -> tuple[Binding, ...]:
        """Return the bindings of a type, sorted by name."""
        return tuple(binding for binding in self.bindings if binding.is_of_type(wanted))


def read_platform(platform_dir: Path, env: Mapping[str, str]) -> Platform:
    """Return the variables and bindings in the platform directory. Unreadable entries are skipped without an error.

    If SERVICE_BINDING_ROOT is set, bindings are read only from there.
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
        names = os.listdir(folder)  # noqa: PTH208 - only names are needed, and undecodable ones stay usable
    except OSError:
        return []
    # Kubernetes mounts ..data and ..2026_11_22_… beside the keys; they are neither variables nor bindings.
    return sorted(name for name in names if not name.startswith(".."))


def _read(path: Path) -> str | None:
    try:
        # Opening a FIFO would block.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError:
        return None
    return raw.decode("utf-8", "surrogateescape") if len(raw) <= LARGEST else None
