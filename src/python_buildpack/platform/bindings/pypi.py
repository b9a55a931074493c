"""``pypi``: a package index, with a user name and a password or without."""

from urllib.parse import unquote, urlsplit, urlunsplit

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, Index, Login


def _read(given: Given) -> tuple[Addition, ...]:
    parts = urlsplit(given.require_url("url"))
    username = given.optional("username") or unquote(parts.username or "")
    password = given.optional("password") or unquote(parts.password or "")
    if password and not username:
        raise given.invalid("username", "is missing, though there is a password")
    if username and not password and "username" in given.entries:
        raise given.invalid("password", "is missing, though there is a username")
    host = parts.hostname or ""
    url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    login = Login(host, username, password) if username else None
    return (Index(url, login, _is_yes(given, "extra")),)


def _is_yes(given: Given, entry: str) -> bool:
    value = given.optional(entry).lower()
    if value not in {"", "true", "false"}:
        raise given.invalid(entry, "is neither true nor false")
    return value == "true"


PYPI = BindingType("pypi", frozenset({"url", "username", "password", "extra"}), _read)
