"""The metadata of a layer, by which the next build decides whether the layer can be reused.

It is the table ``[metadata]`` of ``<layer>.toml``. It holds strings only, because the lifecycle stores it as JSON in a
label of the image, where numbers become floats and dates become strings.
"""

from collections.abc import Mapping
from pathlib import Path

from cnb.frozen import Field, field, fields, frozen, is_frozen
from cnb.toml_files import TomlUnreadable, parse_toml

_LONGEST_SHOWN = 60
"""Longer values are digests or lists, which say nothing to a person; the reason then gives only the label."""


@frozen
class NotRecorded:
    """There is no ``<layer>.toml``, or it holds no layer key."""


@frozen
class UnreadableRecord:
    """There is a ``<layer>.toml``, but it cannot be read."""


@frozen
class Recorded:
    """The content of ``[metadata]``: the layer's key, and what its contributor recorded (``[metadata.content]``)."""

    key: Mapping[str, str]
    metadata: Mapping[str, str]


def labelled(label: str, default: str | None = None) -> str:
    """Return a field for a layer's key; ``label`` names it in the reasons for a rebuild.

    ``version: str = labelled("the Python version")`` gives "the Python version changed from 3.12.9 to 3.13.1".
    """
    metadata = {"label": label}
    return field(metadata=metadata) if default is None else field(default=default, metadata=metadata)


def read_record(content: bytes | None, path: Path) -> NotRecorded | UnreadableRecord | Recorded:
    """Return what ``<layer>.toml`` at ``path``, with this content, records; None as content means that it is absent.

    A damaged file is no error: the layer is then made again.
    """
    if content is None:
        return NotRecorded()
    try:
        table = parse_toml(content, path).get("metadata")
    except TomlUnreadable:
        return UnreadableRecord()
    if not isinstance(table, dict) or not isinstance(table.get("key"), dict):
        return NotRecorded()
    return Recorded(key=_strings(table["key"]), metadata=_strings(table.get("content")))


def record_document(key: object, metadata: Mapping[str, str]) -> dict[str, object]:
    """Return ``[metadata]`` for a layer with this key. Raises TypeError for values that are not strings."""
    if wrong := _no_strings(metadata):
        raise TypeError(f"the metadata of a layer must be strings: {', '.join(wrong)}")
    document: dict[str, object] = {"key": key_strings(key)}
    return document | {"content": metadata} if metadata else document


def key_strings(key: object) -> dict[str, str]:
    """Return the fields of a key by name. Raises TypeError unless it is of a frozen class with fields, all strings."""
    values = {field.name: getattr(key, field.name) for field in _fields(key)}
    wrong = _no_strings(values)
    if wrong or not values:
        raise TypeError(
            f"the fields of the key {type(key).__name__} must be strings: {', '.join(wrong) or 'none given'}"
        )
    # A user's setting may hold bytes that are not UTF-8, which TOML does not allow; escaped, they can be compared.
    return {name: value.encode("utf-8", "backslashreplace").decode() for name, value in values.items()}


def changes(recorded: Mapping[str, str], key: object) -> tuple[str, ...]:
    """Return each difference between ``key`` and the recorded key, as clauses for the log; empty if they are equal."""
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
        return f"the last build did not record {label}"
    if max(len(before), len(now)) > _LONGEST_SHOWN or "\n" in before + now:
        return f"{label} changed"
    return f"{label} changed from {before or 'nothing'} to {now or 'nothing'}"


def _no_strings(values: Mapping[str, object]) -> list[str]:
    return [name for name, value in values.items() if not isinstance(value, str)]


def _fields(key: object) -> tuple[Field, ...]:
    if not is_frozen(key):
        raise TypeError(f"the key of a layer must be of a frozen class, not {key!r}")
    return fields(key)


def _label(field: Field) -> str:
    return str(field.metadata.get("label") or _spoken(field.name))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _strings(table: object) -> dict[str, str]:
    """Return a table's values as strings: another version of the buildpack may have stored other types."""
    return {str(name): _string(value) for name, value in table.items()} if isinstance(table, dict) else {}


def _string(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        # This version stores none; str() could fail for a very deeply nested one.
        return "something else"
    # JSON turns the number 3 into 3.0.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
