"""Servers of the devkit and of tests: they run in a thread, as long as they are needed."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    """Serve until the context ends; the port is free again then."""
    with server:
        # By default the end is looked for twice a second, and whoever ends the context waits for that.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
