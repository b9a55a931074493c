"""A port for a server of ours."""

import socket


def find_free_port() -> int:
    """Return a TCP port of the loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
