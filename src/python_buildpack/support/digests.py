"""Digests of texts."""

import hashlib


def digest(text: str) -> str:
    """Return the sha256 of a text, in hexadecimal."""
    # The texts contain names of files, which may have another encoding than UTF-8.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
