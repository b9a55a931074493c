"""A fetcher that goes to other places than the URLs name: mirrors of single files, and of whole hosts."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from cnb.frozen import field, frozen, replace
from python_buildpack.ports.interfaces import Download, Fetcher

ANY_HOST = "default"
_ORIGINAL_HOST = "{originalHost}"


@frozen
class Mirrors:
    """Where files are to be had instead. Both are exclusive: who has them cannot, or must not, reach the original."""

    files: Mapping[str, str] = field(default_factory=dict)
    """URLs by the SHA-256 of the file."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """URLs by host, or ``default``, below which the path of the original is."""

    def place(self, download: Download) -> Download:
        """Return the download with the URLs to go to. Pure."""
        mapped = self.files.get(download.sha256.lower())
        urls = (mapped,) if mapped else tuple(dict.fromkeys(map(self.address, download.urls)))
        return replace(download, urls=urls)

    def address(self, url: str) -> str:
        """Return where to go for a URL. Pure."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return url
        mirror = self.hosts.get(host) or self.hosts.get(ANY_HOST)
        if not mirror or parts.scheme not in {"http", "https"}:
            return url
        base = urlsplit(mirror.replace(_ORIGINAL_HOST, host))
        return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))


@frozen
class MirroredFetcher:
    """Implements interfaces.Fetcher by another one that is sent to the mirrors."""

    fetcher: Fetcher
    mirrors: Mirrors

    def fetch(self, download: Download, destination: Path) -> None:
        """Write the file to ``destination``. Raises what the fetcher raises."""
        self.fetcher.fetch(self.mirrors.place(download), destination)

    def read(self, url: str) -> bytes:
        """Return the body at ``url``. Raises what the fetcher raises."""
        return self.fetcher.read(self.mirrors.address(url))
