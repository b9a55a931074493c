"""A package index (PEP 503) on the loopback interface, with wheels made here, that fails in the ways real ones do."""

import base64
import hashlib
import html
import io
import socket
import ssl
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD = "reader", "s3same-0pen"
"""Accepted while the index wants a login."""

RAISING_BACKEND = 'raise RuntimeError("this backend always fails")\n'


@dataclass(frozen=True, slots=True)
class File:
    """A distribution file and what the index says about it."""

    name: str
    body: bytes
    yanked: str | None = None
    requires_python: str = ""

    @property
    def sha256(self) -> str:
        """Return the digest of the content."""
        return hashlib.sha256(self.body).hexdigest()


def wheel(
    name: str,
    version: str,
    *needs: str,
    tag: str = "py3-none-any",
    requires_python: str = ">=3.8",
    content: bytes = b"",
) -> File:
    """Return a wheel with one module, and beside it a file with ``content`` if there is any."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {requires_python}\n"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {need}\n" for need in needs),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    records = (f"{path},{_record(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = "".join(records) + f"{info}/RECORD,,\n"
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
        if content:
            archive.writestr(zipfile.ZipInfo(f"{name}.bin"), content)
    return File(f"{name}-{version}-{tag}.whl", body.getvalue(), requires_python=requires_python)


def failing_sdist(name: str, version: str) -> File:
    """Return a source distribution whose build backend, which needs no other package, raises an error."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": RAISING_BACKEND,
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return File(f"{name}-{version}.tar.gz", body.getvalue())


def _record(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(slots=True)
class PackageIndex:
    """What is on the index, and how it answers now."""

    files: dict[str, list[File]]
    context: ssl.SSLContext | None = None
    status: int = 200
    """Anything but 200 is the answer to every request."""
    wants_login: bool = False
    delay: float = 0
    tampered: frozenset[str] = frozenset()
    """Files that come with other content than was announced."""
    port: int = 0
    requests: list[str] = field(default_factory=list)
    _server: "_Server | None" = None

    @property
    def url(self) -> str:
        """Return the address of the index."""
        return f"{self.origin}/simple/"

    @property
    def origin(self) -> str:
        """Return the scheme, host and port."""
        return f"http{'s' if self.context else ''}://127.0.0.1:{self.port}"

    def behave(self) -> None:
        """Answer as a good index does, from now on."""
        self.status, self.wants_login, self.delay, self.tampered = 200, False, 0, frozenset()

    def start(self) -> None:
        """Listen, at the same port as before if there was one."""
        self._server = _Server(self)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Stop listening: connections are refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections for as long as the context lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, index: PackageIndex) -> None:
        super().__init__(("127.0.0.1", index.port), _Handler)
        self.index = index

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        if self.index.context is None:
            super().finish_request(request, client_address)
            return
        # Here, in the thread of the connection: a client that does not trust us would block the others.
        with self.index.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent where the client hangs up: that is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        index = self.server.index
        index.requests.append(self.path)
        time.sleep(index.delay)
        if index.status != 200:
            self._answer(index.status)
        elif index.wants_login and self.headers.get("Authorization") != _basic():
            self._answer(401, realm=True)
        elif self.path.startswith("/simple/"):
            self._page(self.path.removeprefix("/simple/").strip("/"))
        else:
            self._file(Path(self.path).name)

    do_HEAD = do_GET  # noqa: N815 # the base class looks for this name

    def _page(self, name: str) -> None:
        files = self.server.index.files.get(name)
        if files is None:
            self._answer(404)
            return
        lines = "".join(_link(file) for file in files)
        self._answer(200, f"<!DOCTYPE html><html><body>{lines}</body></html>".encode(), "text/html")

    def _file(self, name: str) -> None:
        found = [file for files in self.server.index.files.values() for file in files if file.name == name]
        if not found:
            self._answer(404)
            return
        tampered = wheel(name.partition("-")[0], "1.0", requires_python=">=3.7").body
        self._answer(200, tampered if name in self.server.index.tampered else found[0].body)

    def _answer(self, code: int, body: bytes = b"", kind: str = "application/octet-stream", *, realm: bool = False):  # type: ignore[no-untyped-def]  # noqa: ANN202 # line length
        self.send_response(code)
        if realm:
            self.send_header("WWW-Authenticate", 'Basic realm="packages"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class names it so
        """Keep the output of the tests clean."""


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _link(file: File) -> str:
    yanked = "" if file.yanked is None else f' data-yanked="{html.escape(file.yanked)}"'
    requires = f' data-requires-python="{html.escape(file.requires_python)}"' if file.requires_python else ""
    return f'<a href="/files/{file.name}#sha256={file.sha256}"{yanked}{requires}>{file.name}</a><br>'


@contextmanager
def running_index(files: dict[str, list[File]], context: ssl.SSLContext | None = None) -> Iterator[PackageIndex]:
    """Run an index for as long as the context lasts."""
    index = PackageIndex(files, context)
    index.start()
    try:
        yield index
    finally:
        index.stop()
