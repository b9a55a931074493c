"""Watches the bytes of a download come in."""

from collections.abc import Callable

from python_buildpack.ports.fetching.limits import Limits

_MEGABYTE = 10**6


class Meter:
    """Watches the bytes come in: reports every few seconds, and notices a server that is too slow."""

    def __init__(self, name: str, limits: Limits, report: Callable[[str], None], clock: Callable[[], float]) -> None:
        """Begin with nothing, now."""
        self.name = name
        self.limits = limits
        self.report = report
        self.clock = clock
        self.total: int | None = None
        self._reported = self._window = clock()
        self._in_window = 0

    def start(self, total: int | None) -> None:
        """Begin with an answer whose body makes the file ``total`` bytes long, as far as the server says."""
        self.total = total
        self._window, self._in_window = self.clock(), 0

    def count(self, size: int, arrived: int) -> bool:
        """Take note of ``size`` new bytes, ``arrived`` in all, and say whether that is fast enough to go on."""
        now = self.clock()
        if now - self._reported >= self.limits.report_every:
            self._reported = now
            of_total = f" of {self.total / _MEGABYTE:.1f}" if self.total else ""
            self.report(f"{self.name}: {arrived / _MEGABYTE:.1f}{of_total} MB")
        self._in_window += size
        if now - self._window < self.limits.idle:
            return True
        fast_enough = self._in_window >= self.limits.slow_bytes
        self._window, self._in_window = now, 0
        return fast_enough
