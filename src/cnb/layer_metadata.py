"""What is written down about a layer, to decide at the next build whether it still is what is wanted.

It lies in ``[metadata]`` of ``<layer>.toml``, and strings only: it travels through JSON in a label of the image, where
numbers become floats and dates become strings.
"""

from collections.abc import Mapping
from pathlib import Path

from cnb.frozen import Field, field, fields, frozen, is_frozen
from cnb.toml_files import TomlUnreadable, read_toml

_TELLING = 60
"""Longer values are digests or lists: that they differ is all that a person can make of them."""


@frozen
class NotRecorded:
    """There is no ``<layer>.toml``, or nothing of ours in it."""


@frozen
class UnreadableRecord:
    """There is a ``<layer>.toml``, but it cannot be read."""


@frozen
class Recorded:
    """What the layer's ``<layer>.toml`` says about its content."""

    key: Mapping[str, str]
    metadata: Mapping[str, str]


def labelled(label: str, default: str | None = None) -> str:
    """Return a field for a layer's key, with the words that stand for it in the reasons of a rebuild.

    ``version: str = labelled("the Python version")`` makes "the Python version changed from 3.12.9 to 3.13.1".
    """
    metadata = {"label": label}
    return field(metadata=metadata) if default is None else field(default=default, metadata=metadata)


def read_record(path: Path) -> NotRecorded | UnreadableRecord | Recorded:
    """Return what was recorded; a damaged file costs a rebuild, never the build."""
    if not path.exists():
        return NotRecorded()
    try:
        table = read_toml(path).get("metadata")
    except TomlUnreadable:
        return UnreadableRecord()
    if not isinstance(table, dict) or not isinstance(table.get("key"), dict):
        return NotRecorded()
    return Recorded(key=_strings(table["key"]), metadata=_strings(table.get("content")))


def record_document(key: object, metadata: Mapping[str, str]) -> dict[str, object]:
    """Return ``[metadata]`` for a layer of this key. Raises TypeError for metadata that are no strings."""
    if wrong := _no_strings(metadata):
        raise TypeError(f"the metadata of a layer must be strings: {', '.join(wrong)}")
    document: dict[str, object] = {"key": key_strings(key)}
    return document | {"content": metadata} if metadata else document


def key_strings(key: object) -> dict[str, str]:
    """Return the fields of a key by name. Raises TypeError unless it is a record of strings with at least one."""
    values = {field.name: getattr(key, field.name) for field in _fields(key)}
    wrong = _no_strings(values)
    if wrong or not values:
        raise TypeError(
            f"the fields of the key {type(key).__name__} must be strings: {', '.join(wrong) or 'none given'}"
        )
    # What is not UTF-8 (a user's setting may hold it) cannot be in a TOML file; escaped, it still tells values apart.
    return {name: value.encode("utf-8", "backslashreplace").decode() for name, value in values.items()}


def changes(recorded: Mapping[str, str], key: object) -> tuple[str, ...]:
    """Return everything in which ``key`` differs from what was recorded, as clauses for a person; none means equal."""
    wanted = key_strings(key)
    labels = {field.name: _label(field) for field in _fields(key)}
    reasons = [
        _change(labels[name], recorded.get(name), value)
        for name, value in wanted.items()
        if recorded.get(name) != value
    ]
    gone = [name for name in recorded if name not in wanted]
    return (*reasons, *(f"{_spoken(name)} is no longer recorded" for name in gone))


def _change(label: str, before: str | None, now: str) -> str:
    if before is None:
        return f"{label} was not recorded before"
    if max(len(before), len(now)) > _TELLING or "\n" in before + now:
        return f"{label} changed"
    return f"{label} changed from {before or 'nothing'} to {now or 'nothing'}"


def _no_strings(values: Mapping[str, object]) -> list[str]:
    return [name for name, value in values.items() if not isinstance(value, str)]


def _fields(key: object) -> tuple[Field, ...]:
    if not is_frozen(key):
        raise TypeError(f"the key of a layer must be a record, not {key!r}")
    return fields(key)


def _label(field: Field) -> str:
    return str(field.metadata.get("label") or _spoken(field.name))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _strings(table: object) -> dict[str, str]:
    """Return a table's values as strings: other versions of a buildpack may have stored something else."""
    return {str(name): _string(value) for name, value in table.items()} if isinstance(table, dict) else {}


def _string(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        # Never one of ours; nested deep enough, it has no representation.
        return "something else"
    # 3 went in, 3.0 comes back.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
