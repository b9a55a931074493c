"""Puts the exceptions of requests, urllib3 and the socket below them into words, and says whether to try again.

Their own texts are not shown: they are for programmers, and hold the URL with its query, which may be a signature.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Iterator

from python_buildpack.ports.fetching.outcome import Failure, Interrupted, Refused, Stalled, Unreachable

_PERMANENT = {
    "TooManyRedirects": "it redirects in a circle, or too often",
    "InvalidURL": "it is not a URL",
    "LocationParseError": "it is not a URL",
    "InvalidSchema": "it is neither http, https nor file",
    "MissingSchema": "it is not a URL",
    "InvalidProxyURL": "the address of the proxy is not a URL",
    "InvalidHeader": "the server redirects to something that is not a URL",
}
_UNREACHABLE = {"ProxyError", "ConnectTimeout", "NewConnectionError", "ConnectTimeoutError", "NameResolutionError"}


def classify(error: Exception, bundle: str | None) -> Failure:
    """Say what an exception means. ``bundle`` is the file of certificates that was trusted."""
    chain = list(_causes(error))
    names = [type(cause).__name__ for cause in chain]
    for name in names:
        if name in _PERMANENT:
            return Refused(_PERMANENT[name])
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(f"its TLS certificate is not trusted by {bundle or 'certifi'}: {cause.verify_message}")
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return Refused(f"TLS failed: {cause.reason or 'no protocol or cipher in common'}")
    proxy = "through the proxy: " if "ProxyError" in names else ""
    reason = next(filter(None, map(_in_words, reversed(chain))), f"the connection failed ({names[0]})")
    if _UNREACHABLE.intersection(names):
        return Unreachable(proxy + reason)
    if any(isinstance(cause, TimeoutError) for cause in chain):
        return Stalled(proxy + reason)
    return Interrupted(proxy + reason)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _in_words(cause: BaseException) -> str | None:
    match cause:
        case socket.gaierror():
            return "its host name cannot be resolved"
        case TimeoutError():
            return "it did not answer in time"
        case http.client.IncompleteRead():
            return "the connection was cut before the end"
        case http.client.RemoteDisconnected():
            return "the server closed the connection without an answer"
        case http.client.HTTPException():
            return "the server does not speak HTTP"
        case OSError(errno=int(number)):
            return os.strerror(number).lower()
        case _:
            return "the connection was cut before the end" if type(cause).__name__ == "IncompleteRead" else None
