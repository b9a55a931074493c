"""The soak's package index and store of interpreters on loopback, which fails on demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from devkit.bench.index import Downloads
from devkit.loopback import running
from devkit.soak.plan import Fault


class FailingIndex(ThreadingHTTPServer):
    """Serves downloads; the next ``troubled`` downloads of files go wrong."""

    daemon_threads = True

    def __init__(self, downloads: Downloads) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.downloads = downloads
        self.fault = Fault.NONE
        self.troubled = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.server_port}"

    def fail(self, fault: Fault, count: int) -> None:
        """Let the next ``count`` downloads go wrong in this way; with 0, none."""
        with self._lock:
            self.fault, self.troubled = fault, count

    def next_fault(self) -> Fault:
        """Return what happens to the download that is asked for now."""
        with self._lock:
            if self.troubled == 0:
                return Fault.NONE
            self.troubled -= 1
            return self.fault

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent where a client is killed in the middle of a download."""


class _Handler(BaseHTTPRequestHandler):
    server: FailingIndex
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, whole or not."""
        reply = self.server.downloads.reply(self.path)
        if reply is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = reply.content.read_bytes() if isinstance(reply.content, Path) else reply.content
        is_page = urlsplit(self.path).path.startswith("/simple/")
        fault = Fault.NONE if is_page else self.server.next_fault()
        if fault is Fault.UNAVAILABLE:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if fault is Fault.CUT:
            self.close_connection = True
            self.wfile.write(content[: len(content) // 2])
            return
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep requests out of the output."""


@contextmanager
def serve(downloads: Downloads) -> Iterator[FailingIndex]:
    """Serve the downloads on loopback, and yield the server."""
    index = FailingIndex(downloads)
    with running(index):
        yield index
