"""What an installation finds out about the app's Python."""


class OlderPythonNeeded(Exception):
    """What is installed does not run on the Python that was chosen, but on an older one that is allowed, too."""

    def __init__(self, minor: str, because: str, since: float | None = None) -> None:
        super().__init__(because)
        self.minor = minor
        """The newest minor version on which it runs."""
        self.because = because
        """What fails on the newer ones."""
        self.since = since
        """If code of packages ran: a moment before it did, in seconds since the epoch."""
