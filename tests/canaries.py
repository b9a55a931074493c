"""Secrets that are easy to find again, one for each place that a build is given some in, and how to find them."""

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote

from backports import zstd

PLACES = (
    *("bound-index", "bound-netrc", "bound-pip-conf", "bound-git", "bound-mirror", "bound-unknown"),
    *("extra-index", "uv-index", "poetry", "proxy", "token", "database", "private-key", "telemetry"),
    *("requirement", "git-requirement", "netrc-file", "source", "pip-file", "uv-file", "env-file", "cloud-key"),
    *("passphrase", "printed", "named-pip-file", "named-uv-file", "named-pdm-file", "poetry-auth", "uv-login"),
    *("collector", "at-home", "login"),
)
ADDRESSES = ("query", "label", "inventory")
"""Those that are parts of addresses: of a package, of the app, of an interpreter."""
CANARIES = {place: f"cAnary+{place}/Zz9" for place in (*PLACES, *ADDRESSES)} | {
    "passphrase": "cAnary qvex wobbl lurfi zintu mopka"
}
"""With characters that are spelt in another way in URLs."""


def spellings(canary: str) -> Iterator[bytes]:
    """Yield in which forms a canary would still sing."""
    words = canary.split()
    pairs = {" ".join(pair) for pair in pairwise(words)}
    for song in {canary, quote(canary), quote(canary, safe=""), quote(canary, safe="").lower(), *pairs}:
        yield song.encode()
    yield canary.encode("utf-16-le")
    for before in (b"", b"u", b"us"):
        # Apart from the ends, which depend on what is around it.
        yield base64.b64encode(before + canary.encode()).rstrip(b"=")[4:-3]


_SONGS = tuple(song for canary in CANARIES.values() for song in spellings(canary))
SONG = re.compile(b"|".join(map(re.escape, _SONGS)))
BEGINNINGS = tuple(sorted({song[:5] for song in _SONGS}))
"""What all songs begin with: a dozen words are found faster than the pattern, in hundreds of megabytes."""
_silent: set[bytes] = set()
"""Digests of what had no canary in it: images have the same interpreter and packages, and are searched repeatedly."""


def songs(path: str, data: bytes) -> Iterator[str]:
    """Yield where a canary sings in a file, within archives and compressed streams of any depth."""
    digest = hashlib.sha256(data).digest()
    if digest in _silent:
        return
    is_silent = True
    for song in _songs(path, data):
        is_silent = False
        yield song
    if is_silent:
        _silent.add(digest)


def _songs(path: str, data: bytes) -> Iterator[str]:
    for match in SONG.finditer(data) if any(word in data for word in BEGINNINGS) else ():
        yield f"{path}: {data[max(0, match.start() - 60) : match.end() + 20]!r}"
    for name, member in members(data):
        yield from songs(f"{path}!{name}", member)


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what an archive holds, by its first bytes and not by its name."""
    if data.startswith(b"\x1f\x8b"):
        yield "gz", gzip.decompress(data)
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        yield "zst", zstd.decompress(data)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                yield member.name, file.read() if file else member.linkname.encode()
