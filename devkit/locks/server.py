"""Serves the two indexes of a made-up world on loopback. What they do not have, as build backends, is elsewhere."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from devkit.edits.index import index_url
from devkit.loopback import running


class MadeUpIndex(ThreadingHTTPServer):
    """Serves files below a directory as package indexes."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder

    def url(self, name: str) -> str:
        """Return the address of one index."""
        return f"http://127.0.0.1:{self.server_port}/{name}/simple/"


class _Handler(BaseHTTPRequestHandler):
    server: MadeUpIndex
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page of links, a file, or the way to the index of this machine."""
        _, index, kind, *rest = self.path.partition("?")[0].rstrip("/").split("/")
        place = self.server.folder.joinpath(index, *rest)
        if kind == "simple" and not place.is_dir() and index == "main":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", f"{index_url()}{'/'.join(rest)}/")
            self._send(b"")
        elif kind == "simple" and place.is_dir():
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/html")
            self._send("".join(_link(index, path) for path in sorted(place.iterdir())).encode())
        elif kind == "files" and place.is_file():
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/octet-stream")
            self._send(place.read_bytes())
        else:
            self.send_response(HTTPStatus.NOT_FOUND)
            self._send(b"")

    def _send(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep requests out of the output."""


def _link(index: str, path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    address = f"/{index}/files/{path.parent.name}/{path.name}"
    return f'<a href="{address}#sha256={digest}" data-requires-python="&gt;=3.8">{path.name}</a><br>\n'


@contextmanager
def serving(folder: Path) -> Iterator[MadeUpIndex]:
    """Serve the files below a directory, and yield the server."""
    index = MadeUpIndex(folder)
    with running(index):
        yield index
