"""Takes credentials out of text before a person, a log or a label gets to see it."""

import re

HIDDEN = "****"

# user:password@ and token@ in any URL, as pip, uv and git print them.
_URL_CREDENTIALS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/@\s'\"]+@", re.IGNORECASE)


def redact(text: str) -> str:
    """Return ``text`` with the credentials in its URLs hidden."""
    return _URL_CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", text)
