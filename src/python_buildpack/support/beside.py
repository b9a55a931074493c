"""Work in a thread beside the build, which is over when the build is."""

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

_T = TypeVar("_T")


class Beside(Generic[_T]):
    """One piece of work, or none."""

    def __init__(self) -> None:
        self._is_cancelled = Event()
        self._future: Future[_T | None] | None = None

    def start(self, work: Callable[[Callable[[], bool]], _T | None]) -> None:
        """Begin the work. It gets a function that it asks from time to time: True means that it has to end."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds have nothing to begin

        executor = ThreadPoolExecutor(max_workers=1)
        self._future = executor.submit(work, self._is_cancelled.is_set)
        executor.shutdown(wait=False)

    def result(self) -> _T | None:
        """Wait for the end of the work; return its result, None if none was begun. Raises what the work raises."""
        if self._future is None:
            return None
        found = self._future.result()
        self._future = None
        return found

    def stop(self) -> None:
        """Let the work end early, and wait for that."""
        self._is_cancelled.set()
        if self._future is not None:
            self._future.exception()
            self._future = None
