"""Finds out whether the build had a login for an index: the explanation of a 401 depends on it."""

import netrc
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

_NAMED = re.compile(
    r"(?:UV_INDEX|POETRY_HTTP_BASIC|POETRY_PYPI_TOKEN|PDM_(?:PYPI|PUBLISH))_\w*(?:PASSWORD|TOKEN|USERNAME)?"
)


def say_login(env: Mapping[str, str], index: str, output: str = "") -> str:
    """Return a sentence on where the login for the index at this origin came from, without the login itself."""
    place = find_login(env, index, output)
    return f"The login from {place} was not accepted." if place else "No login was given for it."


def find_login(env: Mapping[str, str], index: str, output: str = "") -> str | None:
    """Return where the login for the index at this origin comes from, or None if there is none."""
    host = urlsplit(index).netloc
    in_url = re.compile(rf"://[^/\s@]+@{re.escape(host)}(?![\w.:-])")
    for name, value in env.items():
        if in_url.search(value) or (_NAMED.fullmatch(name) and value and name.endswith(("PASSWORD", "TOKEN"))):
            return name
    if in_url.search(output):
        return "the address of the index"
    return _netrc_with(env, host.partition(":")[0])


def _netrc_with(env: Mapping[str, str], host: str) -> str | None:
    path = Path(env.get("NETRC") or f"{env.get('HOME', '')}/.netrc")
    try:
        entry = netrc.netrc(str(path)).authenticators(host)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return None
    return "the netrc file" if entry else None
