"""One request and its answer: fills a sink as far as the server lets it, going on from what is already there."""

import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import pairwise
from typing import TYPE_CHECKING

from cnb.frozen import frozen
from python_buildpack.ports.fetching.failures import classify
from python_buildpack.ports.fetching.limits import Limits
from python_buildpack.ports.fetching.meter import Meter
from python_buildpack.ports.fetching.outcome import Complete, Interrupted, Outcome, Refused, Stalled, too_large
from python_buildpack.ports.fetching.sink import Sink

if TYPE_CHECKING:
    import requests

_CHUNK = 1 << 16
_WORTH_ANOTHER_TRY = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_SERVER_ERRORS = 500


@frozen
class Attempt:
    """How to ask: over which session, trusting whom, within which limits."""

    session: "requests.Session"
    bundle: str | None
    limits: Limits
    largest: int
    """The most bytes to take."""
    meter: Meter

    def fill(self, url: str, sink: Sink) -> Outcome:
        """Ask ``url`` for what ``sink`` lacks. Raises DiskFull; everything else is an outcome."""
        from requests.exceptions import RequestException  # noqa: PLC0415 # slow to import
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            with self.session.get(
                url,
                headers=_resume_headers(sink),
                stream=True,
                timeout=(self.limits.connect, self.limits.idle),
                verify=self.bundle or True,
            ) as response:
                return self._take(response, sink)
        except (RequestException, HTTPError, ValueError) as error:
            # ValueError is what urllib3 and idna raise for some URLs that are none.
            return classify(error, self.bundle)

    def _take(self, response: "requests.Response", sink: Sink) -> Outcome:
        if _is_downgraded(response):
            return Refused("it redirects from https to http")
        status = response.status_code
        if status == HTTPStatus.PARTIAL_CONTENT and _first_byte(response) == sink.size:
            return self._take_body(response, sink)
        if status == HTTPStatus.OK:
            sink.restart()
            sink.etag = _strong_etag(response)
            return self._take_body(response, sink)
        if status in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
            # A part that was not asked for, or nothing beyond what is there: no longer the same file.
            sink.restart()
            return Interrupted("the file changed on the server meanwhile")
        return _explain_status(response)

    def _take_body(self, response: "requests.Response", sink: Sink) -> Outcome:
        length = response.headers.get("Content-Length", "")
        self.meter.start(sink.size + int(length) if length.isdecimal() else None)
        # read1 returns what is there; read would wait for a whole chunk, however slowly it arrives.
        while chunk := response.raw.read1(_CHUNK):
            sink.write(chunk)
            if sink.size > self.largest:
                return too_large(self.largest)
            if not self.meter.count(len(chunk), sink.size):
                return Stalled(
                    f"it is too slow: fewer than {self.limits.slow_bytes} bytes in {self.limits.idle:g} seconds"
                )
        return Complete()


def _resume_headers(sink: Sink) -> dict[str, str]:
    """Ask for the rest, provided that the file is still the same (RFC 9110, sections 13.1.5 and 14.2)."""
    if sink.size == 0 or sink.etag is None:
        return {}
    return {"Range": f"bytes={sink.size}-", "If-Range": sink.etag}


def _strong_etag(response: "requests.Response") -> str | None:
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else None


def _first_byte(response: "requests.Response") -> int | None:
    unit, _, span = response.headers.get("Content-Range", "").partition(" ")
    first = span.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else None


def _is_downgraded(response: "requests.Response") -> bool:
    urls = [*(earlier.url for earlier in response.history), response.url]
    return any(before.startswith("https:") and not after.startswith("https:") for before, after in pairwise(urls))


def _explain_status(response: "requests.Response") -> Outcome:
    status = response.status_code
    reason = f"it answered {status} {response.reason or ''}".rstrip()
    if status in _WORTH_ANOTHER_TRY or status >= _SERVER_ERRORS:
        return Interrupted(reason, _retry_after(response))
    return Refused(reason, missing=status in _GONE)


def _retry_after(response: "requests.Response") -> float | None:
    """Return the seconds in Retry-After, which holds a number or a date (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
