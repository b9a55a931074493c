"""The fetcher against real servers on the loopback interface."""

import socket
import time
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path

import pytest

from misbehaving_server import BODY, DIGEST, Handler, Server, Step, serve, status
from python_buildpack.ports.fetching.http import (
    DownloadDigestMismatch,
    DownloadFailed,
    DownloadNotFound,
    HttpFetcher,
    shown,
)
from python_buildpack.ports.fetching.limits import Limits
from python_buildpack.ports.interfaces import Download

LIMITS = Limits(connect=2, idle=0.3, slow_bytes=100, redirects=3)


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for; none is made."""
    return []


@pytest.fixture
def fetcher(naps: list[float]) -> HttpFetcher:
    return HttpFetcher(limits=LIMITS, sleep=naps.append, jitter=lambda: 1.0, env={})


def refused_url() -> str:
    """Return the URL of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    return f"http://127.0.0.1:{port}/file"


def files_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_fetches_a_file(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A file arrives whole, in a directory that is made for it, and nothing else is left there."""
    destination = tmp_path / "new" / "file"

    fetcher.fetch(Download((server.url("/file", serve()),), DIGEST), destination)

    assert destination.read_bytes() == BODY
    assert files_in(destination.parent) == ["file"]


def test_asks_for_the_bytes_as_they_are(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """No encoding is asked for, and one that comes nevertheless is not taken off: the digest is that of the file."""

    def gzipped(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        handler.wfile.write(BODY)

    fetcher.fetch(Download((server.url("/file.tar.gz", gzipped),), DIGEST), tmp_path / "file")

    assert server.requests[0][1]["Accept-Encoding"] == "identity"
    assert (tmp_path / "file").read_bytes() == BODY


def test_tries_again_after_503(server: Server, fetcher: HttpFetcher, tmp_path: Path, naps: list[float]) -> None:
    """A server that is busy is asked again, after the time that it wishes for."""
    url = server.url("/file", status(503, Retry_After="3"), serve())

    fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert server.statuses == [503, 200]
    assert naps == [3.0]


def test_does_not_wait_for_hours(server: Server, fetcher: HttpFetcher, tmp_path: Path, naps: list[float]) -> None:
    """A wish to be left alone for an hour is cut to what a build can wait."""
    fetcher.fetch(Download((server.url("/file", status(429, Retry_After="3600"), serve()),), DIGEST), tmp_path / "file")

    assert naps == [LIMITS.longest_wait]


def test_waits_longer_each_time(server: Server, fetcher: HttpFetcher, tmp_path: Path, naps: list[float]) -> None:
    """The number of tries is bounded, and the pause between them grows."""
    with pytest.raises(DownloadFailed, match="it answered 502"):
        fetcher.fetch(Download((server.url("/file", status(502)),), DIGEST), tmp_path / "file")

    assert len(server.requests) == LIMITS.tries
    assert naps == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_resumes_a_body_that_is_cut_three_times(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """What has arrived is kept: each further request asks for the rest of the same file only."""
    cut = serve(cut=300_000)
    fetcher.fetch(Download((server.url("/file", cut, cut, cut, serve()),), DIGEST), tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == BODY
    assert server.statuses == [200, 206, 206, 206]
    assert [headers.get("Range") for _, headers in server.requests] == [
        None,
        "bytes=300000-",
        "bytes=600000-",
        "bytes=900000-",
    ]


def test_a_busy_server_does_not_cost_what_has_arrived(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A cut body is resumed even when the server was too busy to go on at once."""
    fetcher.fetch(Download((server.url("/file", serve(cut=1000), status(503), serve()),), DIGEST), tmp_path / "file")

    assert server.statuses == [200, 503, 206]


def test_starts_over_when_the_file_changed(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A file with another tag than the one that was cut is taken from its beginning."""
    url = server.url("/file", serve(cut=1000, body=b"x" * 5000, etag='"old"'), serve(etag='"new"'))

    fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert server.statuses == [200, 200]


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_starts_over_without_a_strong_tag(
    server: Server, fetcher: HttpFetcher, tmp_path: Path, etag: str | None
) -> None:
    """Where the server gives nothing to know the file by, pieces of two answers are never put together."""
    fetcher.fetch(
        Download((server.url("/file", serve(cut=1000, etag=etag), serve(etag=etag)),), DIGEST), tmp_path / "f"
    )

    assert [headers.get("Range") for _, headers in server.requests] == [None, None]


def test_starts_over_when_the_wrong_part_comes(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A part that does not begin where ours ends is thrown away together with ours."""

    def wrong_part(handler: Handler) -> None:
        handler.send_response(206)
        handler.send_header("Content-Range", "bytes 5-9/10")
        handler.send_header("Content-Length", "5")
        handler.end_headers()
        handler.wfile.write(b"wrong")

    fetcher.fetch(Download((server.url("/file", serve(cut=1000), wrong_part, serve()),), DIGEST), tmp_path / "file")

    assert server.statuses == [200, 206, 200]
    assert "Range" not in server.requests[2][1]


def test_starts_over_when_the_range_is_refused(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A server that has less than what was received so far is asked for all of it."""
    fetcher.fetch(Download((server.url("/file", serve(cut=1000), status(416), serve()),), DIGEST), tmp_path / "file")

    assert server.statuses == [200, 416, 200]


def test_goes_on_to_the_mirror_after_404(
    server: Server, fetcher: HttpFetcher, tmp_path: Path, naps: list[float]
) -> None:
    """A place that does not have the file is left at once."""
    fetcher.fetch(Download((server.url("/a", status(404)), server.url("/b", serve())), DIGEST), tmp_path / "file")

    assert [path for path, _ in server.requests] == ["/a", "/b"]
    assert naps == []


def test_drops_the_first_part_at_the_mirror(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """What the first place gave before it broke is not mixed with what the second gives, same tag or not."""
    urls = server.url("/a", serve(cut=1000), status(500)), server.url("/b", serve())

    fetcher.fetch(Download(urls, DIGEST), tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == BODY
    assert "Range" not in server.requests[-1][1]


def test_goes_on_when_the_connection_is_refused(
    server: Server, fetcher: HttpFetcher, tmp_path: Path, naps: list[float]
) -> None:
    """A server that is not there costs two tries, not six."""
    fetcher.fetch(Download((refused_url(), server.url("/b", serve())), DIGEST), tmp_path / "file")

    assert len(naps) == LIMITS.connect_tries - 1
    assert (tmp_path / "file").read_bytes() == BODY


def test_lists_every_place_that_was_tried(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """The error names each address with its own reason."""
    refused, forbidden = refused_url(), server.url("/b", status(403))

    with pytest.raises(DownloadFailed) as caught:
        fetcher.fetch(Download((refused, forbidden), DIGEST), tmp_path / "file")

    assert caught.value.what == (
        f"These addresses were tried:\n- {refused}: connection refused\n- {forbidden}: it answered 403 Forbidden"
    )
    assert files_in(tmp_path) == []


def test_a_file_that_is_nowhere_has_its_own_error(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """When every place says that it has no such file, the network is not to blame, and the error says so."""
    urls = server.url("/a", status(404)), server.url("/b", status(410)), (tmp_path / "none").as_uri()

    with pytest.raises(DownloadNotFound) as caught:
        fetcher.fetch(Download(urls, DIGEST), tmp_path / "file")

    assert caught.value.what.count("\n- ") == 3


def test_stops_at_a_wrong_digest(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A file that is not the right one is deleted, and no other place is asked: somebody ought to look."""
    urls = server.url("/a", serve(body=b"evil")), server.url("/b", serve())
    destination = tmp_path / "file"
    destination.write_bytes(b"from an earlier build")

    with pytest.raises(DownloadDigestMismatch, match=DIGEST):
        fetcher.fetch(Download(urls, DIGEST), destination)

    assert [path for path, _ in server.requests] == ["/a"]
    assert files_in(tmp_path) == []


def test_gives_up_a_redirect_loop(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """Redirects are followed a bounded number of times, and a loop is not tried again."""
    url = server.url("/loop", status(302, Location="/loop"))

    with pytest.raises(DownloadFailed, match="redirects in a circle"):
        fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert len(server.requests) == LIMITS.redirects + 1


def test_follows_a_redirect(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """Release downloads redirect to where the files are."""
    server.url("/there", serve())

    fetcher.fetch(Download((server.url("/file", status(302, Location="/there")),), DIGEST), tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == BODY


def test_does_not_follow_a_redirect_to_a_file(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A server cannot make the build read files of its own machine."""
    secret = tmp_path / "secret"
    secret.write_bytes(BODY)

    with pytest.raises(DownloadFailed, match="neither http, https nor file"):
        fetcher.fetch(Download((server.url("/f", status(302, Location=secret.as_uri())),), DIGEST), tmp_path / "file")


@pytest.mark.parametrize("claim", [len(BODY) + 10, 10**15])
def test_notices_a_body_shorter_than_claimed(server: Server, fetcher: HttpFetcher, tmp_path: Path, claim: int) -> None:
    """A server that claims more than it sends has not sent the file, though the bytes were the right ones."""
    with pytest.raises(DownloadFailed, match="cut before the end"):
        fetcher.fetch(Download((server.url("/file", serve(claim=claim, ranges=False)),), DIGEST), tmp_path / "file")


def test_notices_a_body_longer_than_claimed(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A server that claims less than it sends is found out by the digest."""
    with pytest.raises(DownloadDigestMismatch):
        fetcher.fetch(Download((server.url("/file", serve(claim=1000)),), DIGEST), tmp_path / "file")


@pytest.mark.parametrize("claim", ["-5", "many", ""])
def test_survives_a_length_that_is_no_number(server: Server, fetcher: HttpFetcher, tmp_path: Path, claim: str) -> None:
    """The length that a server claims is only its word; the digest decides."""

    def step(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", claim)
        handler.end_headers()
        handler.wfile.write(BODY)
        handler.close_connection = True

    fetcher.fetch(Download((server.url("/file", step),), DIGEST), tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == BODY


def test_takes_a_chunked_body_and_notices_when_it_is_cut(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """Bodies without a length come in chunks, and one without its last chunk is not whole."""

    def chunked(*, whole: bool) -> Step:
        def step(handler: Handler) -> None:
            handler.protocol_version = "HTTP/1.1"
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            half = len(BODY) // 2
            for part in (BODY[:half], BODY[half:]) if whole else (BODY[:half],):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if whole:
                handler.wfile.write(b"0\r\n\r\n")
            handler.close_connection = True

        return step

    url = server.url("/file", chunked(whole=False), chunked(whole=True))

    fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert len(server.requests) == 2


def drip(size: int, pause: float) -> Step:
    """Return an answer of which so many bytes come one by one, with this pause in seconds after each."""

    def step(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        for byte in BODY[:size]:
            handler.wfile.write(bytes([byte]))
            time.sleep(pause)

    return step


def test_gives_up_a_server_that_drips(server: Server, tmp_path: Path, naps: list[float]) -> None:
    """A byte now and then keeps no connection alive; the next place gets its turn."""
    fetcher = HttpFetcher(limits=Limits(idle=0.3, slow_bytes=100, tries=2), sleep=naps.append, env={})
    started = time.monotonic()

    fetcher.fetch(Download((server.url("/a", drip(50, 0.05)), server.url("/b", serve())), DIGEST), tmp_path / "file")

    assert time.monotonic() - started < 2
    assert [path for path, _ in server.requests] == ["/a", "/a", "/b"]


def test_a_few_bytes_a_second_are_too_few(server: Server, tmp_path: Path, naps: list[float]) -> None:
    """With the limits that users have, on a clock that leaps: the place is left after two tries, and reported."""
    leaps = count(step=5.0)
    fetcher = HttpFetcher(sleep=naps.append, clock=lambda: next(leaps), env={})

    with pytest.raises(DownloadFailed, match="too slow: fewer than 262144 bytes in 60 seconds"):
        fetcher.fetch(Download((server.url("/a", drip(600, 0.01)),), DIGEST), tmp_path / "file")

    assert [path for path, _ in server.requests] == ["/a", "/a"]


def test_gives_up_a_server_that_says_nothing(server: Server, tmp_path: Path, naps: list[float]) -> None:
    """The time without a single byte is limited, before the answer as in it."""

    def hang(handler: Handler) -> None:
        del handler
        time.sleep(0.5)

    fetcher = HttpFetcher(limits=Limits(idle=0.1), sleep=naps.append, env={})

    with pytest.raises(DownloadFailed, match="did not answer in time"):
        fetcher.fetch(Download((server.url("/a", hang),), DIGEST), tmp_path / "file")

    assert len(server.requests) == 2


def test_names_no_credentials(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """Neither a password nor a signature in the query gets into a message."""
    url = refused_url().replace("http://", "http://me:hunter2@") + "?X-Signature=hunter3"

    with pytest.raises(DownloadFailed) as caught:
        fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert "hunter" not in caught.value.what
    assert shown(url) in caught.value.what


def test_sends_the_credentials_of_a_url(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A private mirror may have its user and password in the address."""
    url = server.url("/file", serve()).replace("http://", "http://me:secret@")

    fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert server.requests[0][1]["Authorization"] == "Basic bWU6c2VjcmV0"


def test_fetches_from_a_file_url(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A mirror may be a directory; its file names may hold a plus sign and spaces."""
    source = tmp_path / "cpython 3.13+x.tar.gz"
    source.write_bytes(BODY)

    fetcher.fetch(Download((source.as_uri(),), DIGEST), tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == BODY


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/file",
        "nonsense",
        "http://",
        "http://[::1",
        "file://host/x",
        "http://*/",
        f"http://{'a' * 70}.invalid",
    ],
)
def test_explains_what_is_no_url(fetcher: HttpFetcher, tmp_path: Path, url: str) -> None:
    """An address that cannot be one is an error of the user's, with the address in it."""
    with pytest.raises(DownloadFailed) as caught:
        fetcher.fetch(Download((url,), DIGEST), tmp_path / "file")

    assert url.rstrip("/") in caught.value.what


def test_tells_how_far_it_is(server: Server, tmp_path: Path) -> None:
    """A long download says where it is, not more often than every ten seconds."""
    now = 0
    reported: list[int] = []
    lines: list[str] = []

    def clock() -> int:
        nonlocal now
        now += 4
        return now

    def report(line: str) -> None:
        reported.append(now)
        lines.append(line)

    fetcher = HttpFetcher(report, clock=clock, env={})

    fetcher.fetch(Download((server.url("/cpython.tar.gz", serve()),), DIGEST), tmp_path / "file")

    assert lines[0].startswith("cpython.tar.gz: ")
    assert lines[0].endswith(" of 1.0 MB")
    # Not a number of lines: how much comes at a time is the network's affair.
    assert all(later - earlier >= 10 for earlier, later in pairwise([0, *reported]))


def test_is_silent_about_a_quick_download(server: Server, tmp_path: Path) -> None:
    """What takes no time needs no word."""
    lines: list[str] = []

    HttpFetcher(lines.append, env={}).fetch(Download((server.url("/file", serve()),), DIGEST), tmp_path / "file")

    assert lines == []


def test_reads_a_document(server: Server, fetcher: HttpFetcher) -> None:
    """A small document comes as its bytes, with the same patience."""
    assert fetcher.read(server.url("/doc", status(503), serve(body=b'default = "3.14"'))) == b'default = "3.14"'


def test_refuses_a_document_without_end(server: Server, naps: list[float]) -> None:
    """A document is read into memory, so its size is limited, whatever the server claims."""
    fetcher = HttpFetcher(limits=Limits(largest_document=100_000), sleep=naps.append, env={})

    with pytest.raises(DownloadFailed, match="larger than 0 MB"):
        fetcher.read(server.url("/doc", serve()))


def test_a_head_that_arrives_byte_by_byte_is_not_waited_for(
    server: Server, fetcher: HttpFetcher, tmp_path: Path
) -> None:
    """No single wait is long, but there is no end either."""
    sent = []

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.flush_headers()
        with suppress(OSError):
            for _ in range(500):
                handler.wfile.write(b"X")
                sent.append(1)
                time.sleep(0.02)

    with pytest.raises(DownloadFailed, match="it did not answer in time"):
        fetcher.fetch(Download((server.url("/file", drip),), DIGEST), tmp_path / "file")
    assert len(sent) < 250
    assert files_in(tmp_path) == []


def test_what_comes_with_a_redirection_is_not_read(server: Server, fetcher: HttpFetcher, tmp_path: Path) -> None:
    """It may be endless."""
    target, sent = server.url("/target", serve()), []

    def endless(handler: Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.end_headers()
        with suppress(OSError):
            for _ in range(200):
                handler.wfile.write(bytes(1 << 20))
                sent.append(1)

    fetcher.fetch(Download((server.url("/file", endless),), DIGEST), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY
    assert len(sent) < 50
