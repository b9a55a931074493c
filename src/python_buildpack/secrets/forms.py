"""In which spellings a secret may turn up in the output of tools: in URLs, in headers, in quoted strings."""

import json
import re
from binascii import b2a_base64
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote

_SHORTEST = 4
"""Shorter values are no secret that hiding would keep, and would take half of the log with them."""
_SHORTEST_NUMBER = 6
"""Ports and counts are not secret."""
_COMMON = frozenset(
    {"true", "false", "none", "null", "auto", "never", "always", "default", "disabled", "enabled", "test", "production"}
    | {"password", "secret", "token", "user", "username", "__token__", "oauth2", "x-token-auth", "x-access-token"}
)
"""Values that give nothing away, and that the log needs."""


def parts(secret: str) -> Iterator[str]:
    """Yield the secret, and its lines where it has several: output comes line by line."""
    for part in {secret.strip(), *(line.strip() for line in secret.splitlines())}:
        is_marker = part.startswith("-----") and part.endswith("-----")
        is_small_number = part.isdecimal() and len(part) < _SHORTEST_NUMBER
        if len(part) >= _SHORTEST and part.lower() not in _COMMON and not is_marker and not is_small_number:
            yield part


def spellings(secret: str) -> Iterator[str]:
    """Yield the spellings of a secret: as it is, in URLs, in Python's and JSON's strings."""
    plain = unquote(secret)
    for text in {secret, plain}:
        yield text
        for encoded in (quote(text, safe="", errors="surrogateescape"), quote(text, errors="surrogateescape")):
            yield encoded
            yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
        yield quote_plus(text, errors="surrogateescape")
        yield text.encode("unicode_escape").decode("ascii")
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield text.replace("\\", "\\\\").replace("'", "\\'")
        yield text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def base64_cores(secret: str) -> Iterator[str]:
    """Yield the base64 forms of a secret at any offset: the Basic scheme puts ``user:`` in front of it."""
    for text in {secret, unquote(secret)}:
        raw = text.encode(errors="surrogateescape")
        for offset in range(3):
            encoded = b2a_base64(b"\0" * offset + raw, newline=False).decode("ascii").rstrip("=")
            # The first characters hold bits of what stands before, the last ones of what follows.
            core = encoded[(0, 2, 3)[offset] : len(encoded) - 1 if (offset + len(raw)) % 3 else len(encoded)]
            if len(core) >= _SHORTEST + 1:
                yield core
                yield core.replace("+", "-").replace("/", "_")
