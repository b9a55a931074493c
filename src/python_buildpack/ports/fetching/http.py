"""The fetcher: tries the places of a file in turn, each a bounded number of times, and verifies what arrived."""

import os
import random
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import assert_never
from urllib.parse import urlsplit, urlunsplit

from cnb.errors import BuildpackError
from python_buildpack.ports.certificates import certificate_bundle
from python_buildpack.ports.fetching.files import copy_file, is_file_url
from python_buildpack.ports.fetching.limits import DEFAULT_LIMITS, Limits
from python_buildpack.ports.fetching.meter import Meter
from python_buildpack.ports.fetching.outcome import (
    Complete,
    Failure,
    Interrupted,
    Outcome,
    Refused,
    Stalled,
    Unreachable,
)
from python_buildpack.ports.fetching.session import open_session
from python_buildpack.ports.fetching.sink import Sink, partial_file
from python_buildpack.ports.interfaces import Download
from python_buildpack.secrets.redact import redact


class DownloadFailed(BuildpackError):
    """A file could not be downloaded from any of its places; each is listed with the reason."""

    code = "download-failed"
    title = "A download failed"
    remedies = ("network",)


class DownloadNotFound(BuildpackError):
    """A file is at none of the places where it should be: a mirror that lacks it, or a mistyped address."""

    code = "download-not-found"
    title = "A file to download does not exist"
    remedies = ("network",)


class DownloadDigestMismatch(BuildpackError):
    """A downloaded file is not the one that was expected. It was deleted, and no other place was tried."""

    code = "download-digest-mismatch"
    title = "A downloaded file is not what it should be"


class HttpFetcher:
    """Implements interfaces.Fetcher on requests, for http, https and file URLs. May be used by several threads."""

    def __init__(
        self,
        report: Callable[[str], None] = lambda _: None,
        *,
        env: Mapping[str, str] = os.environ,
        limits: Limits = DEFAULT_LIMITS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Take ``report``, called with a line of progress now and then, and the ``env`` that names certificates.

        ``jitter`` gives numbers from 0 to 1. Proxies and netrc requests finds by itself, as its users know it.
        """
        self._report = report
        self._env = env
        self._limits = limits
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter

    def fetch(self, download: Download, destination: Path) -> None:
        """Write the file to ``destination``, complete and verified, or leave nothing there.

        Raises DownloadFailed, DownloadNotFound, DownloadDigestMismatch and DiskFull.
        """
        destination.unlink(missing_ok=True)
        with partial_file(destination) as (sink, path):
            url = self._fill(sink, download.urls, self._limits.largest_file)
            if sink.digest != download.sha256.lower():
                raise DownloadDigestMismatch(
                    f"{shown(url)}\nhas the SHA-256     {sink.digest}\nbut it should be {download.sha256.lower()}",
                    "Build again; if this repeats, check the mirror or proxy that it came through.",
                )
            sink.flush()
            path.replace(destination)

    def read(self, url: str) -> bytes:
        """Return the body at ``url``, at most 16 MB. Raises DownloadFailed and DownloadNotFound."""
        buffer = BytesIO()
        self._fill(Sink(buffer, Path("memory")), (url,), self._limits.largest_document)
        return buffer.getvalue()

    def _fill(self, sink: Sink, urls: tuple[str, ...], largest: int) -> str:
        """Fill the sink from the first URL that gives a whole file, and return that URL."""
        failures: list[tuple[str, Failure]] = []
        for url in urls:
            outcome = copy_file(url, sink, largest) if is_file_url(url) else self._try(url, sink, largest)
            if isinstance(outcome, Complete):
                return url
            failures.append((url, outcome))
            sink.restart()
        raise _failure(failures)

    def _try(self, url: str, sink: Sink, largest: int) -> Outcome:
        """Return how the last of the tries ended."""
        from python_buildpack.ports.fetching.attempt import Attempt  # noqa: PLC0415 - most builds download nothing

        meter = Meter(_name(url), self._limits, self._report, self._clock)
        with open_session(self._limits.redirects, self._limits.idle) as session:
            attempt = Attempt(session, certificate_bundle(self._env), self._limits, largest, meter)
            number, outcome = 1, attempt.fill(url, sink)
            while number < self._allowed_tries(outcome):
                self._sleep(self._pause(outcome, number))
                number, outcome = number + 1, attempt.fill(url, sink)
            return outcome

    def _allowed_tries(self, outcome: Outcome) -> int:
        match outcome:
            case Complete() | Refused():
                return 1
            case Unreachable():
                return self._limits.connect_tries
            case Stalled():
                return self._limits.stalled_tries
            case Interrupted():
                return self._limits.tries
            case other:
                assert_never(other)

    def _pause(self, outcome: Outcome, number: int) -> float:
        """Wait twice as long each time, and not all builds of a platform at the same moment."""
        wished = outcome.wait if isinstance(outcome, Interrupted) and outcome.wait is not None else 0.0
        backoff = self._limits.first_wait * 2.0 ** (number - 1) * (0.5 + self._jitter() / 2)
        return min(max(wished, backoff), self._limits.longest_wait)


def shown(url: str) -> str:
    """Return a URL as it may appear in messages: no credentials, and no query, which may hold a signature."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return redact(url)
    return redact(urlunsplit((parts.scheme, parts.netloc, parts.path, "…" if parts.query else "", "")))


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _failure(failures: list[tuple[str, Failure]]) -> DownloadFailed | DownloadNotFound:
    """Return the error for a file that none of its places gave."""
    tried = "\n".join(f"- {shown(url)}: {outcome.reason}" for url, outcome in failures)
    if failures and all(isinstance(outcome, Refused) and outcome.missing for _, outcome in failures):
        return DownloadNotFound(
            f"None of these addresses has the file:\n{tried}",
            "Check the address, or put the file there: a mirror (BP_PYTHON_MIRROR) must hold every file that is used.",
        )
    return DownloadFailed(
        f"These addresses were tried:\n{tried}",
        "Check that the build can reach them: a firewall, a proxy (HTTPS_PROXY, NO_PROXY), certificates "
        "(SSL_CERT_FILE or a ca-certificates binding). If the failure may be temporary, build again.",
    )
