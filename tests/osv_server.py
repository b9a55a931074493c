"""A server with OSV's API on the loopback interface."""

import http.server
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from devkit.loopback import running

JINJA = {
    "id": "GHSA-g3rq-g295-4j3m",
    "aliases": ["CVE-2020-28493", "PYSEC-2021-66"],
    "summary": "Regular Expression Denial of Service (ReDoS) in Jinja2",
    "database_specific": {"severity": "MODERATE"},
    "affected": [
        {
            "package": {"name": "Jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.11.3"}]}],
        }
    ],
}
SAME = {
    "id": "PYSEC-2021-66",
    "aliases": ["CVE-2020-28493"],
    "details": "The same one.",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "15ef8f09b659f9100610583938005a7a10472d4d"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.11.3"}]},
            ],
        }
    ],
}
WITHDRAWN = {"id": "GHSA-none-none-none", "withdrawn": "2021-01-01T00:00:00Z"}


@dataclass
class Osv:
    """What a server knows, and what it was asked."""

    records: Mapping[str, Mapping[str, object]]
    """Records by id."""
    vulnerable: Mapping[tuple[str, str], tuple[str, ...]]
    """Ids by name and version."""
    status: int = 200
    body: bytes | None = None
    """What it answers to everything, instead."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """The names and versions."""
    url: str = ""

    def answer(self, path: str, sent: bytes) -> bytes:
        """Return the body of an answer."""
        if self.body is not None:
            return self.body
        if path.startswith("/v1/vulns/"):
            return json.dumps(self.records[unquote(path.rpartition("/")[2])]).encode()
        assert path == "/v1/querybatch"
        results = []
        for query in json.loads(sent)["queries"]:
            assert query["package"]["ecosystem"] == "PyPI"
            pin = (query["package"]["name"], query["version"])
            ids = self.vulnerable.get(pin, ())
            page = int(query.get("page_token", "0"))
            if not page:
                self.asked.append(pin)
            # One on a page, so that a client has to ask for the next one.
            more = {"next_page_token": str(page + 1)} if page + 1 < len(ids) else {}
            results.append({"vulns": [{"id": one} for one in ids[page : page + 1]], **more} if ids else {})
        return json.dumps({"results": results}).encode()


@contextmanager
def serving(osv: Osv) -> Iterator[Osv]:
    """Yield the server with its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            self._answer(b"")

        def _answer(self, sent: bytes) -> None:
            body = osv.answer(self.path, sent)
            self.send_response(osv.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with running(server):
        osv.url = f"http://127.0.0.1:{server.server_port}"
        yield osv


def jinja_server(**more: object) -> Osv:
    """Return a server that knows two records of one vulnerability of Jinja2 2.11.2, and a withdrawn one."""
    records = {str(record["id"]): record for record in (JINJA, SAME, WITHDRAWN)}
    return Osv(records, {("jinja2", "2.11.2"): tuple(records)}, **more)  # type: ignore[arg-type]
