"""Where an interpreter can be downloaded, best place first (uv's rules, which people know)."""

from urllib.parse import urlsplit

from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.interfaces import Download

UPSTREAM = "https://github.com/astral-sh/python-build-standalone/releases/download/"
FIRST = "https://releases.astral.sh/github/python-build-standalone/releases/download/"
"""Upstream's own mirror: the same files, without GitHub's limits on how often one may ask."""
_RELEASES = "/releases/download/"


def download_for(interpreter: Interpreter, mirror: str | None) -> Download:
    """Return what to fetch for an interpreter; ``mirror`` is what BP_PYTHON_MIRROR says."""
    return Download(candidate_urls(interpreter, mirror), interpreter.sha256)


def candidate_urls(interpreter: Interpreter, mirror: str | None) -> tuple[str, ...]:
    """Return the URLs to try in turn. A mirror is exclusive, and laid out as <mirror>/<build>/<file>."""
    url = interpreter.url
    if mirror:
        return (f"{mirror.rstrip('/')}/{_place(interpreter)}",)
    if url.startswith(UPSTREAM):
        return (FIRST + url.removeprefix(UPSTREAM), url)
    return (url,)


def _place(interpreter: Interpreter) -> str:
    _, found, place = interpreter.url.partition(_RELEASES)
    return place if found else f"{interpreter.build}/{urlsplit(interpreter.url).path.rpartition('/')[2]}"
