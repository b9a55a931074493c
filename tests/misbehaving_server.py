"""A web server on the loopback interface that misbehaves on demand."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from devkit.loopback import running

BODY = bytes(range(256)) * 4096
DIGEST = hashlib.sha256(BODY).hexdigest()
ETAG = '"one"'

Step = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Answers each request for a path with the path's next step; the last step stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps: dict[str, list[Step]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.statuses: list[int] = []

    def url(self, path: str, *steps: Step) -> str:
        """Return the URL of ``path``, which is answered by ``steps`` in turn."""
        self.steps[path] = list(steps)
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent where the client hangs up: that is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    """Looks up what to do and does it."""

    server: Server

    def do_GET(self) -> None:
        """Take the next step of the path."""
        path = self.path.partition("?")[0]
        self.server.requests.append((self.path, dict(self.headers.items())))
        steps = self.server.steps.get(path, [status(404)])
        (steps.pop(0) if len(steps) > 1 else steps[0])(self)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Remember what was answered."""
        self.server.statuses.append(code)
        super().send_response(code, message)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class names it so
        """Keep the output of the tests clean."""


def status(code: int, **headers: str) -> Step:
    """Answer with a status and nothing else."""

    def step(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return step


def serve(
    *,
    cut: int | None = None,
    body: bytes = BODY,
    claim: int | None = None,
    etag: str | None = ETAG,
    ranges: bool = True,
) -> Step:
    """Serve ``body`` from where it is asked for, hang up after ``cut`` bytes, and claim another length if asked to."""

    def step(handler: Handler) -> None:
        wanted = handler.headers.get("Range", "bytes=0-")
        current = handler.headers.get("If-Range") in {None, etag}
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if current and ranges else 0
        part = body[first:]
        handler.send_response(206 if first else 200)
        if first:
            handler.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        if etag:
            handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(part) if claim is None else claim))
        handler.end_headers()
        handler.wfile.write(part[:cut])
        handler.close_connection = True

    return step


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server for as long as the context lasts."""
    server = Server()
    with running(server):
        yield server
