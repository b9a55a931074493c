"""What becomes of a document that is sent to a server."""

import json
import socket
from pathlib import Path

import pytest

from collector import collecting
from misbehaving_server import Server, serve
from python_buildpack.ports.fetching.post import post_json

SECRET = "sEcret"  # noqa: S105 - it opens nothing


def post(url: str, headers: dict[str, str] | None = None, bundle: str | None = None) -> str | None:
    return post_json(url, {"a": "é"}, headers or {}, bundle=bundle, seconds=0.5)


def test_a_server_that_takes_it() -> None:
    """It gets the document and the headers, and nothing is said."""
    with collecting() as (url, got):
        assert post(f"{url}/v1", {"x-team": "builds"}) is None
    assert got == [{"path": "/v1", "team": "builds", "body": json.loads('{"a": "é"}')}]


def test_a_server_that_does_not() -> None:
    """The status is the reason."""
    with collecting(status=503) as (url, _):
        assert post(url) == "it answered 503"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_server_that_sends_it_elsewhere(status: int) -> None:
    """Neither the document nor the headers, which hold a login, go to an address that nobody named."""
    with collecting() as (other, got), collecting(status, f"{other}/v2") as (url, first):
        assert "redirects" in (post(url, {"x-team": SECRET}) or "")
    assert (len(first), got) == (1, [])


@pytest.mark.parametrize("url", [f"http://127.0.0.1:1/{SECRET}", f"https://[{SECRET}", f"http://{'a' * 70}.{SECRET}"])
def test_a_server_that_is_not_there(url: str) -> None:
    """The reason is in words, and has nothing of the URL, which may hold a token."""
    reason = post(url)
    assert reason
    assert SECRET.lower() not in reason.lower()


def test_a_server_that_does_not_answer() -> None:
    """It is given up after the time that it was given."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert post(f"http://127.0.0.1:{silent.getsockname()[1]}/") == "it did not answer in time"


def test_a_header_that_is_none_and_a_bundle_that_is_not_there(tmp_path: Path, server: Server) -> None:
    """Mistakes in the platform's variables are reasons, too, and never errors of the build."""
    url = server.url("/file", serve())
    assert post(url, {"x-team": f"{SECRET}\n"}) == "a header is not valid"
    reason = post(url.replace("http:", "https:"), bundle=str(tmp_path / "none.pem"))
    assert reason
    assert "none.pem" not in reason
