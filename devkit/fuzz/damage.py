"""Strategies for damaged input: valid input with a few edits; values of another type; what parsers often fail on."""

import json
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

_DIGITS = "9" * 5000
_LONG = "a" * 300
SPICE = (
    *(_DIGITS, f"1.{_DIGITS}", f"=={_DIGITS}", f"^{_DIGITS}", f"a = {_DIGITS}\n", "0x" + "f" * 5000, "1e999"),
    *("[" * 3000, "(" * 2500, "not " * 3000, "lambda: " * 2000, "x[" * 2000, "-" * 4000, "a." * 4000, "{" * 1500),
    *("'" * 50, '"' * 51, _LONG, f"-r {_LONG}\n", "a" * 5000, "%00", "%", "${A}", "$(", "`", "\\\n", "\\"),
    *("\0", "\ufeff", "\u2028", "\x85", "\x1c", "\r", "\u0663.\u0661", "\u00b2", "\ud7ff", "\U0010ffff", "\ud800"),
    *("../" * 40, "/dev/zero", "/proc/self/task", "file:..", "file:///usr", "file:%00", "http://[", "http://h:99999/"),
    *("=", ",", ";", "@", ":", "[", "]", "{", "}", "#", "&a *a", "!!python/object", "<<: *a", "1979-05-27", "nan"),
    *("true", "null", "[]", "{}", "[[]]", "[{}]", '""', "5", "\n\n", "\t", "- ", "---\n", "%YAML 9\n", "\n[x]\n"),
)
"""Pieces that have made parsers fail: numbers, nesting, encodings, names and addresses beyond what is usual."""

VALUES = (
    *("5", "true", "[]", "{}", "[5]", "[[]]", "[{}]", '""', '"\\u0000"', "1979-05-27", "nan", "null", '"a"', '["a"]'),
    *(f'"{_DIGITS}"', f'"=={_DIGITS}"', f'"^{_DIGITS}"', "{a=5}", '{"a": 5}', f'"{_LONG}"', '" "', "{a={b=[1]}}", "-1"),
)
"""Other kinds of values for a key, as TOML, JSON and YAML write them."""

_MAX_BYTES = 200_000

_edit = st.tuples(
    st.sampled_from(("cut", "drop", "insert", "overwrite", "byte", "repeat", "reorder", "value", "value")),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(SPICE),
    st.sampled_from(VALUES),
)


def damaged(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy for one of the seeds with up to six edits, or, now and then, for any bytes at all."""
    edited = st.tuples(st.sampled_from(seeds), st.lists(_edit, max_size=6)).map(lambda drawn: _edited(*drawn))
    return st.one_of(edited, edited, edited, st.binary(max_size=200))


def damaged_text(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    """Return a strategy for the text of a variable: no NUL, and bytes that are not UTF-8 as surrogates."""
    raw = damaged([seed.encode() for seed in seeds])
    return raw.map(lambda content: content.replace(b"\0", b"").decode("utf-8", "surrogateescape"))


_scalar = st.one_of(
    *(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)),
    st.text(max_size=30),
    st.sampled_from((">=3.11", "3.12", "https://u:p@h/x", "flask", "file:w", "../x", _DIGITS, "a; b", "^3")),
)


def shaped(keys: Sequence[str]) -> st.SearchStrategy[object]:
    """Return a strategy for nested values with these keys at any place, and values of any kind below them."""
    names = st.sampled_from(sorted(keys)) | st.text(max_size=8)
    return st.recursive(
        _scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5), max_leaves=12
    )


def shaped_json(keys: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Return a strategy for JSON documents with these keys."""
    return shaped(keys).map(lambda value: json.dumps(value).encode())


def shaped_toml(keys: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Return a strategy for valid TOML documents with these keys."""
    names = st.sampled_from(sorted(keys))
    return st.dictionaries(names, shaped(keys), max_size=6).map(_toml)


def _toml(document: Mapping[str, object]) -> bytes:
    lines = (f"{_quoted(key)} = {_inline(value)}\n" for key, value in document.items() if value is not None)
    return "".join(lines).encode()


def _inline(value: object) -> str:
    match value:
        case None:
            return '""'
        case bool() | int() | float():
            return str(value).lower()
        case str():
            return _quoted(value)
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case dict():
            return "{" + ", ".join(f"{_quoted(str(key))} = {_inline(inner)}" for key, inner in value.items()) + "}"
        case _:
            raise TypeError(value)


def _quoted(text: str) -> str:
    # JSON escapes a character beyond the basic plane in two halves, which TOML does not know; and DEL must be escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _edited(content: bytes, edits: Sequence[tuple[str, float, float, str, str]]) -> bytes:
    for kind, near, far, spice, value in edits:
        low, high = sorted((int(near * len(content)), int(far * len(content))))
        content = _apply(content, kind, low, high, (spice, value))[:_MAX_BYTES]
    return content


def _apply(content: bytes, kind: str, low: int, high: int, material: tuple[str, str]) -> bytes:
    spice, value = material[0].encode("utf-8", "surrogatepass"), material[1].encode()
    match kind:
        case "cut":
            return content[:low]
        case "drop":
            return content[:low] + content[high:]
        case "insert":
            return content[:low] + spice + content[low:]
        case "overwrite":
            return content[:low] + spice + content[low + len(spice) % 13 :]
        case "byte":
            return content[:low] + bytes([high % 256]) + content[low + 1 :]
        case "repeat":
            return content[:low] + content[low:high] * 3 + content[high:]
        case "reorder":
            lines = content.split(b"\n")
            return b"\n".join(lines[::-1] if low == high else [*lines[low % len(lines) :], *lines[: low % len(lines)]])
        case _:
            return _with_value(content, low, value)


def _with_value(content: bytes, place: int, value: bytes) -> bytes:
    """Give the first key after ``place`` another value."""
    start = content.find(b"=", place)
    separator = b"=" if start >= 0 else b":"
    start = start if start >= 0 else content.find(b":", place)
    if start < 0:
        return content + separator + value
    end = content.find(b"\n", start)
    return content[: start + 1] + b" " + value + (content[end:] if end >= 0 else b"")
