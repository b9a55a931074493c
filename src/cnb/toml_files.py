"""Reads and writes TOML files."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.files import write_file

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
    """Return the document as it is written to a file. Raises TypeError for values that TOML lacks."""
    # Not at the top: detect seldom writes TOML.
    from cnb.toml_text import dumps  # noqa: PLC0415

    return dumps(document).encode("utf-8")
