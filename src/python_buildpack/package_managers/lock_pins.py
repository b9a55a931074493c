"""The text about each distribution in a lock or resolution: if it is unchanged, the same files are installed."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

_TABLE = re.compile(r"^\[\[packages?\]\]$", re.MULTILINE)
_OTHER_TABLE = re.compile(r"^\[+(?!package)", re.MULTILINE)
_NAME = re.compile(r"^name = [\"'](?P<name>[^\"']+)[\"']", re.MULTILINE)
_REQUIREMENT = re.compile(
    r"^(?:[^\s:\[]+:)?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:===?|@)(?:.*\\\n)*.*$", re.MULTILINE
)
_MEMBER = re.compile(
    r"^(?P<indent> *)\"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\": \{\n(?:[^{}\n]*\n)*?(?P=indent)\}", re.MULTILINE
)
_SEPARATE_DIGESTS = "[metadata.files]"
"""The table of all digests in locks of Poetry before 1.3."""


def read_pins(text: str) -> dict[str, str]:
    """Return the text about each distribution, by its normalised name.

    Supports requirements with exact versions, the TOML locks (uv.lock, poetry.lock, pdm.lock, pylock.toml) and
    Pipfile.lock. Other text is left out.
    """
    if _SEPARATE_DIGESTS in text:
        return {}
    pins: dict[str, str] = {}
    for name, block in (*_tables(text), *_matches(_REQUIREMENT, text), *_matches(_MEMBER, text)):
        key = canonicalize_name(name)
        pins[key] = f"{pins.get(key, '')}{block}\n"
    return pins


def _tables(text: str) -> Iterator[tuple[str, str]]:
    for block in _TABLE.split(text)[1:]:
        if found := _NAME.search(block):
            # The last block is followed by tables about the whole lock.
            yield found["name"], _OTHER_TABLE.split(block, maxsplit=1)[0].strip()


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    return ((match["name"], match[0]) for match in pattern.finditer(text))
