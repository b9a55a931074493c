"""Work that goes on beside the build's own: what takes the processor, while the build waits for the network."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future


def _nothing() -> None:
    """Do nothing."""


class Background:
    """One piece of work at a time. A build that breaks off waits for it before it ends: it is a matter of seconds."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._work: Future[object] | None = None
        self._at_the_end: Callable[[], object] = _nothing

    def begin(self, work: Callable[[], object], at_the_end: Callable[[], object] = _nothing) -> None:
        """Start the work, once the one before has ended. Raises what that one raised.

        ``at_the_end`` is for what cannot be done beside the build: it is called when somebody waits for the work.
        """
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds have nothing to do

        self.finish()
        executor = ThreadPoolExecutor(max_workers=1)
        self._work, self._at_the_end = executor.submit(work), at_the_end
        executor.shutdown(wait=False)

    def finish(self) -> None:
        """Wait until the work is done, if any was begun. Raises what it raised."""
        work, self._work = self._work, None
        if work is not None:
            work.result()
            self._at_the_end()
