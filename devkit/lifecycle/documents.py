"""Reading TOML documents strictly: whatever the contract does not name is refused, with the place where it stands."""

import datetime as dt
import json
import math
import tomllib
from collections.abc import Set as AbstractSet
from pathlib import Path

from devkit.lifecycle.problems import Violation

Table = dict[str, object]


def read_toml(path: Path) -> Table:
    """Return the document at ``path``.

    Raises Violation when it is not UTF-8, not TOML 1.0 or not a file.
    """
    try:
        return tomllib.loads(path.read_bytes().decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise Violation(f"{path.name} cannot be read: {problem}") from problem


def check_keys(table: Table, allowed: AbstractSet[str], where: str) -> None:
    """Raise Violation if ``table`` has a key that is not ``allowed``."""
    if unknown := sorted(table.keys() - allowed):
        raise Violation(f"{where}: unknown key {', '.join(map(repr, unknown))}; the contract has {sorted(allowed)}")


def string(table: Table, key: str, where: str, default: str | None = None) -> str:
    """Return the string at ``key``, which may be absent only if there is a ``default``."""
    if key not in table and default is not None:
        return default
    value = table.get(key)
    if not isinstance(value, str):
        raise Violation(f"{where}: {key} must be a string")
    return value


def boolean(table: Table, key: str, where: str) -> bool:
    """Return the boolean at ``key``; absent means false."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise Violation(f"{where}: {key} must be true or false")
    return value


def strings(table: Table, key: str, where: str) -> tuple[str, ...]:
    """Return the array of strings at ``key``; absent means empty."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Violation(f"{where}: {key} must be an array of strings")
    return tuple(value)


def subtable(table: Table, key: str, where: str) -> Table:
    """Return the table at ``key``; absent means empty."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise Violation(f"{where}: {key} must be a table")
    return value


def tables(table: Table, key: str, where: str) -> list[Table]:
    """Return the array of tables at ``key``; absent means empty."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Violation(f"{where}: {key} must be an array of tables")
    return value


def metadata_as_stored(metadata: object, where: str) -> object:
    """Return ``metadata`` as it will come back: it is kept as JSON, where every number is a float and dates are text.

    Raises Violation for what JSON cannot hold (``nan``, ``inf``).
    """
    match metadata:
        case bool() | str():
            return metadata
        case int() | float():
            if not math.isfinite(metadata):
                raise Violation(f"{where}: {metadata} cannot be kept in an image label")
            return float(metadata)
        case dt.datetime() | dt.date() | dt.time():
            return metadata.isoformat().replace("+00:00", "Z")
        case list():
            return [metadata_as_stored(item, where) for item in metadata]
        case dict():
            return {str(key): metadata_as_stored(value, where) for key, value in sorted(metadata.items())}
        case _:
            raise Violation(f"{where}: {json.dumps(metadata, default=str)} is not a TOML value")
