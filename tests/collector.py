"""A collector of OpenTelemetry spans on the loopback interface."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager

from devkit.loopback import running


@contextmanager
def collecting(status: int = 200, location: str = "") -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Yield the URL of a collector on loopback, and the documents that it got; it may send them on to ``location``."""
    got: list[dict[str, object]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append({"path": self.path, "team": self.headers.get("x-team"), "body": json.loads(body)})
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}", got
