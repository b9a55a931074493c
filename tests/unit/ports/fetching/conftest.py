"""The server that the tests of this folder talk to."""

from collections.abc import Iterator

import pytest

from misbehaving_server import Server, running_server


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's proxies and passwords out of the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NETRC", "/dev/null")


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running
