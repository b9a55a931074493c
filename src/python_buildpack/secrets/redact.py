"""Takes credentials out of text before a person, a log or a label gets to see it."""

import re
from collections.abc import Iterable

HIDDEN = "****"

# user:password@ and token@ in any URL, as pip, uv and git print them; a password may have an @ of its own.
# No pattern here begins with a repetition: a line of a megabyte without a space would take hours.
_URL_CREDENTIALS = re.compile(r"(?P<before>://)[^/\s'\"<>]+(?:@|%40)")
# What tools quote when they do not take it for a login: a slash in the password, and other slashes after the scheme.
_WITH_A_SLASH = re.compile(r"(?P<before>://)[^/\s'\"<>:@\[]{1,400}:(?!\d{1,5}[/?#])[^\s'\"<>@]{1,400}@")
BROKEN_LOGIN = re.compile(
    r"\b(?P<before>(?:https?|ftp|ssh|git|svn|hg)(?:[:;]?[\\/]+|:))(?P<value>[^/\\\s'\"<>]{1,400})@", re.IGNORECASE
)
_NAMED = (
    r"(?:[\w.-]{0,40}(?:token|secret|passw(?:or)?d|signature|credential|api_?key)[\w.-]{0,40}"
    r"|tok|sig|key|auth|pass|pwd|pat|jwt)="
)
# https://host/simple?token=…, and the signatures of storage services.
QUERY_CREDENTIALS = re.compile(rf"(?P<before>[?&]{_NAMED})(?P<value>[^&\s'\"<>]+)", re.IGNORECASE)
# As parameters of a path, or as a fragment.
_PARAMETERS = re.compile(rf"(?P<before>[;#]{_NAMED})[^&;/\s'\"<>]+", re.IGNORECASE)
_HEADER = re.compile(
    r"(?P<before>\bauthorization['\"]?\s*[:=]\s*['\"]?(?:basic|bearer|token)\s+)[^\s'\"]+", re.IGNORECASE
)
_COOKIE = re.compile(r"(?P<before>\bcookie['\"]?:\s*['\"]?)[^\s;'\"=]{1,200}=[^\r\n'\"]+", re.IGNORECASE)
_WEB_TOKEN = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")
"""A JSON Web Token (RFC 7519), wherever it stands: two JSON objects and a signature, in base64."""

_DISTINCT = 8
"""From this length on, a value is hidden wherever it occurs; shorter ones only as whole words."""


def redact(text: str) -> str:
    """Return ``text`` with what is a credential by its place (in a URL, in a header) hidden."""
    if "://" in text:
        text = _URL_CREDENTIALS.sub(rf"\g<before>{HIDDEN}@", text)
    if "@" in text:
        text = _WITH_A_SLASH.sub(rf"\g<before>{HIDDEN}@", text)
        text = BROKEN_LOGIN.sub(rf"\g<before>{HIDDEN}@", text)
    if "=" in text:
        text = QUERY_CREDENTIALS.sub(rf"\g<before>{HIDDEN}", text)
        text = _PARAMETERS.sub(rf"\g<before>{HIDDEN}", text)
    if "eyJ" in text:
        text = _WEB_TOKEN.sub(HIDDEN, text)
    return _COOKIE.sub(rf"\g<before>{HIDDEN}", _HEADER.sub(rf"\g<before>{HIDDEN}", text))


class Redactor:
    """Hides the secrets that it has learned, in every form that tools write it in, and what ``redact`` finds."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: tuple[str, ...] = ()
        self._words: re.Pattern[str] | None = None
        self._base64: re.Pattern[str] | None = None

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these, too, from now on."""
        # Detect, which is run for every app on a platform, has nothing to hide.
        from python_buildpack.secrets.forms import base64_cores, parts, spellings  # noqa: PLC0415

        new = {part for secret in secrets for part in parts(secret)} - self._secrets
        if not new:
            return
        self._secrets |= new
        forms = {form for secret in self._secrets for form in spellings(secret)}
        # The longest first: one may be a part of another.
        self._forms = tuple(sorted((form for form in forms if len(form) >= _DISTINCT), key=len, reverse=True))
        self._words = _any_word(form for form in forms if len(form) < _DISTINCT)
        self._base64 = _any_run(core for secret in self._secrets for core in base64_cores(secret))

    def redact(self, text: str) -> str:
        """Return ``text`` without credentials."""
        # Nobody sees a NUL, and in UTF-16 there is one between any two letters.
        text = text.replace("\0", "")
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        if self._words is not None:
            text = self._words.sub(HIDDEN, text)
        if self._base64 is not None:
            text = self._base64.sub(HIDDEN, text)
        return redact(text)


def last_lines(text: str, most: int) -> str:
    """Return the end of ``text``, in whole lines of at most ``most`` characters together.

    A cut in the middle of a line would go through the middle of a secret, whose rest nobody recognises.
    """
    lines: list[str] = []
    for line in reversed(text.strip().splitlines()):
        most -= len(line) + 1
        if most < 0 and lines:
            break
        lines.append(line)
    return "\n".join(reversed(lines))


def _any_word(words: Iterable[str]) -> re.Pattern[str] | None:
    choice = _choice(words)
    return re.compile(rf"(?<![A-Za-z0-9_]){choice}(?![A-Za-z0-9_])") if choice else None


def _any_run(cores: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern for the whole of a base64 text that contains one of these."""
    choice = _choice(cores)
    return re.compile(rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]*{choice}[A-Za-z0-9+/_-]*={{0,2}}") if choice else None


def _choice(texts: Iterable[str]) -> str:
    ordered = sorted(set(texts), key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, ordered))})" if ordered else ""
