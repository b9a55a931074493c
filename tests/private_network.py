"""An internal network on the loopback interface: an index that wants a password, TLS by a private CA, a proxy."""

import base64
import hashlib
import http.client
import select
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import trustme

import tiny_index
from devkit.loopback import running
from tiny_index import Distribution


@dataclass(frozen=True, slots=True)
class Account:
    """Who may enter."""

    username: str
    password: str

    @property
    def header(self) -> str:
        """Return what a client with this account sends (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent where the client hangs up or does not trust the certificate."""


class _QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class names it so
        """Keep the output of the tests clean."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@dataclass
class PrivateIndex:
    """A package index (PEP 503) with files of its own; what else it is asked for is at the public index."""

    folder: Path
    accounts: tuple[Account, ...]
    """Who may enter; nobody named means everybody."""
    public: str
    is_tls: bool
    host: str = "127.0.0.1"
    port: int = 0
    served: list[str] = field(default_factory=list)
    """Paths that were answered to somebody who may enter."""
    visitors: set[tuple[str, str]] = field(default_factory=set)
    """Who was answered, by user name, and the last part of the path."""
    refused: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return f"{'https' if self.is_tls else 'http'}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the index's URL."""
        return f"{self.origin}/simple"

    def with_login(self, url: str, account: Account) -> str:
        """Return one of its URLs with an account in it."""
        return url.replace("://", f"://{account.username}:{quote(account.password, safe='')}@", 1)

    def serve(self, handler: _QuietHandler) -> None:
        """Answer a request."""
        path = urlsplit(handler.path).path
        names = {account.header: account.username for account in self.accounts}
        visitor = names.get(handler.headers.get("Authorization", ""), "")
        if names and not visitor:
            self.refused.append(path)
            handler.answer(401, WWW_Authenticate='Basic realm="index"')
            return
        self.served.append(path)
        self.visitors.add((visitor, path.rstrip("/").rpartition("/")[2]))
        name = path.removeprefix("/simple/").strip("/")
        if path.startswith("/simple/"):
            files = sorted(self.folder.glob(f"{name.replace('-', '_')}-*"))
            links = "".join(f'<a href="/files/{file.name}#sha256={_sha256(file)}">{file.name}</a>\n' for file in files)
            if files:
                handler.answer(
                    200, f"<!DOCTYPE html><html><body>\n{links}</body></html>".encode(), Content_Type="text/html"
                )
            else:
                handler.answer(302, Location=f"{self.public.rstrip('/')}/{name}/")
            return
        file = self.folder / path.removeprefix("/files/").lstrip("/")
        if file.is_file():
            handler.answer(200, file.read_bytes(), Content_Type="application/octet-stream")
        else:
            handler.answer(404)


@dataclass
class Proxy:
    """A forward proxy: CONNECT, and requests with absolute URIs (RFC 9112, section 3.2)."""

    account: Account | None
    port: int = 0
    passed: list[str] = field(default_factory=list)
    """What went through: ``CONNECT host:port`` or ``GET url``."""
    refused: int = 0

    @property
    def url(self) -> str:
        """Return what to set HTTPS_PROXY to."""
        login = f"{self.account.username}:{self.account.password}@" if self.account else ""
        return f"http://{login}127.0.0.1:{self.port}"

    def may_pass(self, handler: _QuietHandler) -> bool:
        """Say whether the client may go on, and answer it if not."""
        if self.account is None or handler.headers.get("Proxy-Authorization") == self.account.header:
            self.passed.append(f"{handler.command} {handler.path}")
            return True
        self.refused += 1
        handler.answer(407, Proxy_Authenticate='Basic realm="proxy"')
        return False


@contextmanager
def running_index(
    folder: Path,
    *accounts: Account,
    public: str = "http://127.0.0.1:9/simple",
    authority: trustme.CA | None = None,
    host: str = "127.0.0.1",
) -> Iterator[PrivateIndex]:
    """Serve an index for as long as the context lasts: over TLS where there is an ``authority``."""
    index = PrivateIndex(folder, accounts, public, is_tls=authority is not None, host=host)

    class Handler(_QuietHandler):
        def do_GET(self) -> None:
            index.serve(self)

        def do_HEAD(self) -> None:
            self.do_GET()

    server = _QuietServer(("127.0.0.1", 0), Handler)
    if authority is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        # The handshake takes place in the thread of the connection, not in the one that accepts.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    index.port = server.server_port
    with running(server):
        yield index


@contextmanager
def running_proxy(account: Account | None = None) -> Iterator[Proxy]:
    """Run a proxy for as long as the context lasts."""
    proxy = Proxy(account)

    class Handler(_QuietHandler):
        def do_CONNECT(self) -> None:
            if not proxy.may_pass(self):
                return
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as upstream:
                self.send_response(200)
                self.end_headers()
                _tunnel(self.connection, upstream)
            self.close_connection = True

        def do_GET(self) -> None:
            if not proxy.may_pass(self):
                return
            parts = urlsplit(self.path)
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80)
            kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
            connection.request(self.command, f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=kept)
            got = connection.getresponse()
            body = got.read()
            same = {"Content_Type", "Location", "WWW_Authenticate"}
            self.answer(
                got.status,
                body,
                **{n: got.headers[n.replace("_", "-")] for n in same if n.replace("_", "-") in got.headers},
            )
            connection.close()

        def do_HEAD(self) -> None:
            self.do_GET()

    server = _QuietServer(("127.0.0.1", 0), Handler)
    proxy.port = server.server_port
    with running(server):
        yield proxy


def _tunnel(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while True:
            for ready in select.select([one, other], [], [], 30)[0]:
                data = ready.recv(1 << 16)
                if not data:
                    return
                (other if ready is one else one).sendall(data)


def write_wheel(folder: Path, name: str, code: str = "", requires: str = "") -> Path:
    """Write a wheel of one module, version 1.0, and return its path."""
    needs = (requires,) if requires else ()
    return tiny_index.write_wheel(folder, Distribution(name, requires=needs, text=code))


def write_binding(folder: Path, name: str, kind: str, **entries: str) -> None:
    """Write a service binding into the directory of all bindings; __ in the name of an entry is a dot."""
    (folder / name).mkdir(parents=True)
    for entry, text in {"type": kind, **entries}.items():
        (folder / name / entry.replace("__", ".")).write_text(text, encoding="utf-8")


def write_git_repository(work: Path, bare: Path, name: str = "hushgit") -> str:
    """Write a repository of one package, to be served as plain files (git's dumb protocol), and return its commit."""
    work.mkdir()
    for file, text in tiny_index.source_files(Distribution(name, "1")).items():
        (work / file).write_text(text, encoding="utf-8")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "-C", str(work)]
    served = ["clone", "-q", "--bare", str(work), str(bare)], [f"--git-dir={bare}", "update-server-info"]
    for argv in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "one"], *served):
        subprocess.run([*git, *argv], check=True)
    asked = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return asked.stdout.strip()


def authority_pem(authority: trustme.CA) -> str:
    """Return the authority's own certificate."""
    return authority.cert_pem.bytes().decode()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
