"""The URLs from which an interpreter can be downloaded, the preferred one first. The rules are those of uv."""

from urllib.parse import urlsplit

from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.interfaces import Download

UPSTREAM = "https://github.com/astral-sh/python-build-standalone/releases/download/"
FIRST = "https://releases.astral.sh/github/python-build-standalone/releases/download/"
"""Upstream's own mirror: the same files, without GitHub's rate limits."""
_RELEASES = "/releases/download/"


def download_for(interpreter: Interpreter, mirror: str | None) -> Download:
    """Return the download of an interpreter's archive; ``mirror`` is the value of BP_PYTHON_MIRROR."""
    return Download(candidate_urls(interpreter, mirror), interpreter.sha256)


def candidate_urls(interpreter: Interpreter, mirror: str | None) -> tuple[str, ...]:
    """Return the URLs to try in turn. With a mirror, only <mirror>/<build>/<file> is tried."""
    url = interpreter.url
    if mirror:
        return (f"{mirror.rstrip('/')}/{place_in_mirror(interpreter)}",)
    if url.startswith(UPSTREAM):
        return (FIRST + url.removeprefix(UPSTREAM), url)
    return (url,)


def place_in_mirror(interpreter: Interpreter) -> str:
    """Return the path of an archive in a mirror: ``<build>/<file>``."""
    _, found, place = interpreter.url.partition(_RELEASES)
    return place if found else f"{interpreter.build}/{urlsplit(interpreter.url).path.rpartition('/')[2]}"
