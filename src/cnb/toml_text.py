"""Writes TOML 1.0 (https://toml.io/en/v1.0.0), which the standard library only reads.

Of the types of TOML, what buildpacks write: tables, arrays, strings, booleans, integers and floats. Importing and
running a library that can also edit files took a tenth of a build in which nothing has changed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def dumps(document: Mapping[str, object]) -> str:
    """Return the document as TOML. Raises TypeError for values and keys that it cannot have, as None."""
    return "\n".join(_lines(document, ())).lstrip("\n") + "\n" if document else ""


def _lines(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines below a table's header: its values first, because what follows a header belongs to that."""
    inner: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, Mapping) or _is_tables(value):
            inner.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in inner:
        below = (*path, _key(key))
        several = not isinstance(value, Mapping)
        for one in _tables(value):
            header = ".".join(below)
            yield f"\n[[{header}]]" if several else f"\n[{header}]"
            yield from _lines(one, below)


def _tables(value: object) -> Iterable[Mapping[str, object]]:
    return (value,) if isinstance(value, Mapping) else value  # type: ignore[return-value] # _is_tables has looked


def _is_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of TOML is a string, not {key!r}")
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    # bool is a kind of int.
    match value:
        case str():
            return _string(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case Mapping():
            return f"{{{', '.join(f'{_key(key)} = {_value(below)}' for key, below in value.items())}}}"
        case list() | tuple():
            return _array(value)
        case None:
            raise TypeError("TOML has no null: leave the key out")
        case _:
            raise TypeError(f"a value of type {type(value).__name__} is not written as TOML")


def _array(values: Sequence[object]) -> str:
    return f"[{', '.join(map(_value, values))}]"


def _string(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}"
