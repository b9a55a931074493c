"""A package index and a store of interpreters on loopback: cache headers, metadata (PEP 658), a realistic bandwidth."""

import hashlib
import html
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from devkit.bench.bandwidth import Bandwidth
from devkit.loopback import running

CHUNK = 65_536
PAGE_SECONDS = 600
"""The public index lets its pages be kept as long."""
FILE_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent for a path: bytes or a file."""

    content: bytes | Path
    kind: str
    seconds: int
    """How long it may be cached."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """The files that the server offers."""

    packages: tuple[Path, ...]
    """Directories of wheels and sdists."""
    interpreters: Path
    """A directory of archives with their inventory."""

    def reply(self, path: str) -> Reply | None:
        """Return what a path stands for, None if for nothing."""
        match [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]:
            case ["simple", project]:
                return self._page(project)
            case ["files", name] if name.endswith(".metadata"):
                wheel = self._package(name.removesuffix(".metadata"))
                return Reply(read_metadata(wheel), "text/plain", FILE_SECONDS) if wheel else None
            case ["files", name]:
                file = self._package(name)
            case ["python", name] if (self.interpreters / name).is_file():
                file = self.interpreters / name
            case _:
                return None
        return Reply(file, "application/octet-stream", FILE_SECONDS) if file else None

    def _package(self, name: str) -> Path | None:
        return next((folder / name for folder in self.packages if (folder / name).is_file()), None)

    def _page(self, project: str) -> Reply | None:
        name = canonicalize_name(project)
        files = [file for folder in self.packages for file in folder.iterdir() if project_of(file) == name]
        if not files:
            return None
        links = "".join(_link(file) for file in sorted(files))
        page = f"<!DOCTYPE html><html><body>{links}</body></html>"
        return Reply(page.encode(), "text/html", PAGE_SECONDS)


def project_of(file: Path) -> str | None:
    """Return the project whose release a file is, None if it is none."""
    if file.name.endswith(".whl"):
        return parse_wheel_filename(file.name)[0]
    return parse_sdist_filename(file.name)[0] if file.name.endswith(".tar.gz") else None


def _link(file: Path) -> str:
    digest = digest_of(file)
    metadata = ""
    if file.name.endswith(".whl"):
        inner = hashlib.sha256(read_metadata(file)).hexdigest()
        metadata = f' data-core-metadata="sha256={inner}" data-dist-info-metadata="sha256={inner}"'
    name = html.escape(file.name)
    return f'<a href="/files/{name}#sha256={digest}"{metadata}>{name}</a>\n'


_digests: dict[Path, str] = {}
"""These files never change; without this every page would read hundreds of MB."""


def digest_of(file: Path) -> str:
    """Return a file's SHA-256, computed once."""
    if file not in _digests:
        with file.open("rb") as stream:
            _digests[file] = hashlib.file_digest(stream, "sha256").hexdigest()
    return _digests[file]


def read_metadata(wheel: Path) -> bytes:
    """Return the METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, downloads: Downloads, bandwidth: Bandwidth) -> None:
        self.downloads, self.bandwidth = downloads, bandwidth
        super().__init__(*args)  # type: ignore[arg-type]  # whatever the server hands over

    def do_HEAD(self) -> None:
        """Answer with the headers only."""
        self._answer(with_content=False)

    def do_GET(self) -> None:
        """Answer."""
        self._answer(with_content=True)

    def _answer(self, *, with_content: bool) -> None:
        reply = self.downloads.reply(self.path)
        if reply is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = reply.content
        tag = f'"{digest_of(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()}"'
        unchanged = self.headers.get("If-None-Match") == tag
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK)
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", f"max-age={reply.seconds}, public")
        self.send_header("Content-Type", reply.kind)
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        self.send_header("Content-Length", "0" if unchanged else str(size))
        self.end_headers()
        if with_content and not unchanged:
            self._send(content)

    def _send(self, content: bytes | Path) -> None:
        if isinstance(content, bytes):
            self.bandwidth.take(len(content))
            self.wfile.write(content)
            return
        with content.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                self.bandwidth.take(len(chunk))
                self.wfile.write(chunk)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep requests out of the benchmark's output."""


@contextmanager
def serve(downloads: Downloads, bandwidth: Bandwidth) -> Iterator[str]:
    """Serve the downloads on loopback, and yield the address."""
    # Hashing is no part of a download: an index knows its digests.
    for folder in (*downloads.packages, downloads.interpreters):
        for file in folder.iterdir():
            digest_of(file)
    handler = partial(_Handler, downloads=downloads, bandwidth=bandwidth)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}"
