"""Digests by which texts are known again."""

import hashlib


def digest(text: str) -> str:
    """Return the sha256 of a text, in hexadecimal."""
    # Names of files are in such texts, too, and may be in another encoding than UTF-8.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
