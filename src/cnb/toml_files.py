"""Reads and writes TOML files."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.files import write_file

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPES = str.maketrans({chr(code): f"\\u{code:04x}" for code in (*range(0x20), 0x7F)} | _SHORT)
"""TOML 1.0, "String": the characters that a basic string cannot have as they are."""
_PARTS_OF_A_KEY = 100
# The standard library takes minutes for a.a.a.…: the time grows at least with the square of the number of parts.
_LONG_KEY = re.compile(rf"(?<![\w.-])(?:[\w-]+\.){{{_PARTS_OF_A_KEY}}}")


class TomlUnreadable(BuildpackError):
    """A TOML file of the platform or of the buildpack is absent, unreadable or not TOML."""

    code = "toml-unreadable"
    title = "A TOML file cannot be read"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the document at ``path``. Raises TomlUnreadable if it is absent, unreadable or not TOML."""
    try:
        return parse_toml(path.read_bytes(), path)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error


def parse_toml(content: bytes, path: Path) -> dict[str, Any]:
    """Return the document in the content of the file at ``path``. Raises TomlUnreadable if it is not TOML."""
    try:
        return loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error


def loads(text: str) -> dict[str, Any]:
    """Return the document in a text, in a time that grows with its size. Raises ValueError and RecursionError."""
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.start()) + 1
        raise ValueError(f"a key of more than {_PARTS_OF_A_KEY} parts (at line {line})")
    return tomllib.loads(text)


def _unreadable(path: Path, reason: str) -> TomlUnreadable:
    return TomlUnreadable(
        f"{path} cannot be read: {reason}.",
        "Build once more with a cleared cache (pack build --clear-cache); if that does not help, the platform or the "
        "buildpack's package is damaged.",
    )


def write_toml(path: Path, document: Mapping[str, object]) -> None:
    """Write ``document`` to ``path`` atomically. Raises FileNotWritten, or TypeError for values that TOML lacks."""
    write_file(path, toml_bytes(document))


def toml_bytes(document: Mapping[str, object]) -> bytes:
    """Return the document as it is written to a file. Raises TypeError for values that TOML lacks.

    The standard library has no writer of TOML, and importing one takes a twentieth of an unchanged build.
    """
    return "".join(f"{line}\n" for line in _lines(document, ())).encode("utf-8")


def _lines(table: Mapping[str, object], names: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: its values, which would else belong to the last of the tables in it, then those."""
    for key, value in table.items():
        if not _tables(value):
            yield f"{_key(key)} = {_text(value)}"
    for key, value in table.items():
        inner = (*names, _key(key))
        header = f"[{'.'.join(inner)}]"
        for one in _tables(value):
            yield ""
            yield header if isinstance(value, Mapping) else f"[{header}]"
            yield from _lines(one, inner)


def _tables(value: object) -> Sequence[Mapping[str, object]]:
    """Return the tables that have sections of their own: a table, or those in a list of nothing else."""
    if isinstance(value, Mapping):
        return (value,)
    return value if isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value) else ()


def _text(value: object) -> str:
    """Return a value as it is written in one line. Raises TypeError for values that TOML lacks."""
    match value:
        case None:
            raise TypeError("TOML has no null: leave the key out")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _quoted(value)
        case list() | tuple():
            return f"[{', '.join(map(_text, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{_key(key)} = {_text(item)}' for key, item in value.items())}}}"
        case _:
            raise TypeError(f"{type(value).__name__} cannot be written as TOML")


def _key(key: str) -> str:
    is_bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if is_bare else _quoted(key)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
