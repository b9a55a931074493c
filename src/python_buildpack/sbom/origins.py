"""The origin of a distribution, as its installer recorded it (direct_url.json, PEP 610), without credentials."""

import re
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from python_buildpack.installed.dist_info import DirectUrl, UnreadableDirectUrl
from python_buildpack.installed.scrub_credentials import shows_a_login, without_parameters
from python_buildpack.sbom.bill import FromArchive, FromDirectory, FromIndex, FromRepository, Origin

_HASH_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_HEXADECIMAL = frozenset("0123456789abcdef")
_SAFE = "/:@!$&'()*+,;=~%-._"
_SCHEMES = frozenset({"http", "https", "ssh", "git", "ftp", "svn"})
_WORD = re.compile(r"[A-Za-z0-9._/-]+")


def parse_origin(direct_url: DirectUrl | UnreadableDirectUrl | None) -> Origin:
    """Return the origin in direct_url.json; without a usable one, the distribution is from an index."""
    if not isinstance(direct_url, DirectUrl):
        return FromIndex()
    url = public_url(direct_url.url)
    match direct_url.document:
        case {"dir_info": _}:
            return FromDirectory()
        case {"vcs_info": {"vcs": str(system), "commit_id": str(commit)}} if _WORD.fullmatch(f"{system}/{commit}"):
            # A repository on the build machine is not available to others.
            return FromRepository(system, url, commit) if url else FromDirectory()
        case {"archive_info": dict(info)}:
            return FromArchive(url, _hashes(info))
        case _:
            return FromIndex()


def public_url(url: str) -> str | None:
    """Return a URL without secrets, or None if it is not usable outside of the build.

    User name, password, parameters, query and fragment are removed: all of them may contain tokens.
    One that may have a login elsewhere is not usable.
    """
    if "://" not in url and (scp := re.fullmatch(r"(?:[^@/\s]+@)?([A-Za-z0-9.-]+):([^@\s\\]+)", url)):
        # git's short form, git@github.com:owner/name.
        url = f"ssh://{scp[1]}/{scp[2]}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        path = quote(without_parameters(parts.path), safe=_SAFE)
    except ValueError:
        # The port is not a number, or there is half of a surrogate pair, which JSON allows and UTF-8 does not.
        return None
    if parts.scheme not in _SCHEMES or not re.fullmatch(r"[A-Za-z0-9.:_-]+", host):
        return None
    place = f"[{host}]" if ":" in host else host
    if shows_a_login(f"{place}{port}", parts.path):
        return None
    return urlunsplit((parts.scheme, f"{place}{port}", path, "", ""))


def _hashes(info: dict[str, Any]) -> dict[str, str]:
    """Return the valid digests; ``hash`` is the older form of ``hashes``."""
    found = info.get("hashes")
    pairs = dict(found) if isinstance(found, dict) else {}
    name, separator, value = str(info.get("hash", "")).partition("=")
    if separator:
        pairs.setdefault(name, value)
    return {name: str(pairs[name]).lower() for name in sorted(pairs) if _is_digest(name, pairs[name])}


def _is_digest(name: str, value: object) -> bool:
    return isinstance(value, str) and len(value) == _HASH_LENGTHS.get(name) and set(value.lower()) <= _HEXADECIMAL
