"""Work that goes on beside the build's own: what takes the processor, while the build waits for the network."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future


class Background:
    """One piece of work at a time. A build that breaks off waits for it before it ends: it is a matter of seconds."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._work: Future[object] | None = None

    def begin(self, work: Callable[[], object]) -> None:
        """Start the work, once the one before has ended. Raises what that one raised."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds have nothing to do

        self.finish()
        executor = ThreadPoolExecutor(max_workers=1)
        self._work = executor.submit(work)
        executor.shutdown(wait=False)

    def finish(self) -> None:
        """Wait until the work is done, if any was begun. Raises what it raised."""
        work, self._work = self._work, None
        if work is not None:
            work.result()
