"""Bounds what a server may do before the body of its answer: by time, and for redirections by size.

requests limits each wait for bytes. A server that sends a header byte by byte would never reach that limit; and what
comes with a redirection, requests reads whole, before anybody sees it.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class BoundedAdapter(HTTPAdapter):
    """Gives a server so many ``seconds`` to agree on a connection, and as many again for the head of an answer."""

    def __init__(self, seconds: float) -> None:
        """Take the limit."""
        self._pools = _pools(seconds)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as requests has it
        """Let connections without a proxy have the limit."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401 - as above
        """Let connections through a proxy have the limit."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def drop_body_of_redirection(answer: requests.Response, **_: object) -> None:
    """Close the answer if it is a redirection, so that its body is not read. A hook of requests."""
    if answer.is_redirect:
        answer.close()


def _pools(seconds: float) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(_Bounded, HTTPConnection):
        limit = seconds

    class Encrypted(_Bounded, HTTPSConnection):
        limit = seconds

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


class _Bounded:
    """A connection whose socket is shut down when a step takes longer than ``limit`` seconds."""

    limit: float
    sock: socket.socket | None
    _current: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        self._current = super()._new_conn()  # type: ignore[misc]
        return self._current

    def connect(self) -> None:
        # Also what a proxy says, and the handshake of TLS.
        with self._in_time():
            super().connect()  # type: ignore[misc]

    def getresponse(self) -> Any:  # noqa: ANN401 - as urllib3 has it
        with self._in_time():
            return super().getresponse()  # type: ignore[misc]

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        late: list[bool] = []

        def end() -> None:
            late.append(True)
            for each in (self.sock, self._current):
                with suppress(OSError, AttributeError):
                    each.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

        timer = Timer(self.limit, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception:
            if late:
                # Its cause is the limit, and not what the closed socket looked like.
                raise TimeoutError from TimeoutError(self.limit)
            raise
        finally:
            timer.cancel()
        if late:
            raise TimeoutError
