"""How long and how often to try: one value, so that tests can be quick about it."""

from cnb.frozen import frozen


@frozen
class Limits:
    """The bounds of a download. Times are in seconds."""

    connect: float = 10.0
    idle: float = 60.0
    """Without a single byte for so long, a connection is given up. There is no limit on the whole: links are slow."""
    slow_bytes: int = 1 << 18
    """A server that sends fewer in ``idle`` seconds is too slow: an interpreter would take hours."""
    tries: int = 6
    """For each URL, where the server answers."""
    stalled_tries: int = 2
    """For each URL, where the server is too slow or silent: each such try has cost ``idle`` seconds."""
    connect_tries: int = 2
    """For each URL, where no connection comes about."""
    redirects: int = 10
    first_wait: float = 0.5
    longest_wait: float = 30.0
    """Between two tries; a server that asks for more is not waited for that long."""
    largest_file: int = 4 * 2**30
    largest_document: int = 16 * 2**20
    report_every: float = 10.0


DEFAULT_LIMITS = Limits()
