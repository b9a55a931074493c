"""How one attempt to download ended, and what that means for the next."""

from cnb.frozen import frozen


@frozen
class Complete:
    """The server says that everything has arrived."""


@frozen
class Interrupted:
    """The server is there but did not deliver; it may the next time."""

    reason: str
    wait: float | None = None
    """How many seconds the server asks to be left alone."""


@frozen
class Stalled:
    """The server is there but too slow to wait for. One more try, for it may be one of several behind a name."""

    reason: str


@frozen
class Unreachable:
    """No connection came about. Worth a second attempt, but not the time of many."""

    reason: str


@frozen
class Refused:
    """This URL will not give the file, however often one asks."""

    reason: str
    missing: bool = False
    """Whether the answer is that there is no such file."""


Failure = Interrupted | Stalled | Unreachable | Refused
Outcome = Complete | Failure


def too_large(largest: int) -> Refused:
    """Return the outcome for a file of more than ``largest`` bytes."""
    return Refused(f"it is larger than {largest / 10**6:.0f} MB")
