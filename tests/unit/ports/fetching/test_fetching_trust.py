"""Whom the fetcher trusts, and through whom it goes: certificates, proxies and passwords."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from misbehaving_server import BODY, Server, running_server, serve, status
from python_buildpack.ports.certificates import SYSTEM_BUNDLES, certificate_bundle
from python_buildpack.ports.fetching.http import DownloadFailed, HttpFetcher

CERTIFICATE = Path(__file__).with_name("loopback.pem")
"""Self-signed, for 127.0.0.1, with its key: made for these tests and good for nothing else."""


@pytest.fixture
def tls_server() -> Iterator[Server]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    with running_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield server


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_trusts_what_the_environment_names(tls_server: Server, variable: str) -> None:
    """A company's own certificate authority is trusted once one of the usual variables names it."""
    url = tls_server.url("/file", serve()).replace("http:", "https:")

    assert HttpFetcher(env={variable: str(CERTIFICATE)}).read(url) == BODY


def test_explains_a_certificate_that_is_not_trusted(tls_server: Server) -> None:
    """The error says which list of certificates was asked, and the server is not asked again and again."""
    naps: list[float] = []
    url = tls_server.url("/file", serve()).replace("http:", "https:")

    with pytest.raises(DownloadFailed, match=r"its TLS certificate is not trusted by .+: self.signed certificate"):
        HttpFetcher(env={}, sleep=naps.append).read(url)

    assert naps == []


def test_refuses_to_leave_tls(tls_server: Server, server: Server) -> None:
    """A redirect from https to http is not followed: whoever is on the way could answer it."""
    target = server.url("/plain", serve())
    url = tls_server.url("/file", status(302, Location=target)).replace("http:", "https:")

    with pytest.raises(DownloadFailed, match="it redirects from https to http"):
        HttpFetcher(env={"SSL_CERT_FILE": str(CERTIFICATE)}).read(url)


def test_passes_over_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    """A variable that was set for the run image does not break the build; the next one in line counts."""
    env = {"SSL_CERT_FILE": str(tmp_path / "none.pem"), "REQUESTS_CA_BUNDLE": str(CERTIFICATE)}

    assert certificate_bundle(env) == str(CERTIFICATE)


def test_trusts_the_system_by_default() -> None:
    """Without a variable it is the system's list, as far as the system has one."""
    there = [path for path in SYSTEM_BUNDLES if Path(path).exists()]

    assert certificate_bundle({}) == (there[0] if there else None)


def test_goes_through_the_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names gets the request, and is named when it fails."""
    server.steps["http://upstream.invalid/file"] = [serve()]
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_port}")

    assert HttpFetcher(env={}).read("http://upstream.invalid/file") == BODY


def test_takes_passwords_from_netrc(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A private mirror's password may be in a netrc file, as for pip and curl."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))

    HttpFetcher(env={}).read(server.url("/file", serve()))

    assert server.requests[0][1]["Authorization"] == "Basic bWU6c2VjcmV0"
