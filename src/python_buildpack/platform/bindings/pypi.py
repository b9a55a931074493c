"""``pypi``: a package index, with or without a user name and a password."""

from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, PackageIndex
from python_buildpack.secrets.netrc import Login


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
    login = Login(host, username, password, parts.port) if username else None
    order = _order(given)
    is_extra = _is_yes(given, "extra")
    if is_extra and order == "alone":
        raise given.invalid("order", "is alone, though the index is an extra one")
    return (PackageIndex(url, login, is_extra or order == "first", order),)


def _order(given: Given) -> Literal["", "first", "alone"]:
    match given.optional("order").lower():
        case "":
            return ""
        case "first":
            return "first"
        case "alone":
            return "alone"
        case _:
            raise given.invalid("order", "is neither first nor alone")


def _is_yes(given: Given, entry: str) -> bool:
    value = given.optional(entry).lower()
    if value not in {"", "true", "false"}:
        raise given.invalid(entry, "is neither true nor false")
    return value == "true"


PYPI = BindingType(
    "pypi",
    frozenset({"url", "username", "password", "extra", "order"}),
    _read,
    entries_meaning="`url`; `username` and `password`; `extra` (`true` or `false`); `order` (`first` or `alone`)",
    meaning="A package index, for uv, pip, Poetry, Pipenv and PDM. The first one (by the name of the binding) replaces "
    "the public index; others, and those with `extra` = `true`, are added to it. `order` = `first` adds one that is "
    "searched before all others: what it has is not looked for elsewhere. "
    "With `alone`, no other index is searched, whatever variables say.",
)
