"""A bucket of tokens: bytes may leave at a rate, in bursts that are not longer than a fraction of a second."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

BURST_SECONDS = 0.05
"""What may be saved up while nobody downloads."""


@dataclass(slots=True)
class Bandwidth:
    """A line that all downloads share."""

    bytes_per_second: float
    clock: Callable[[], float] = time.monotonic
    _free_at: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def reserve(self, size: int) -> float:
        """Book ``size`` bytes and return the seconds to wait before they are sent."""
        with self._lock:
            now = self.clock()
            begin = max(self._free_at, now - BURST_SECONDS)
            self._free_at = begin + size / self.bytes_per_second
            return max(0.0, self._free_at - now)

    def take(self, size: int) -> None:
        """Book ``size`` bytes and wait for them."""
        time.sleep(self.reserve(size))
