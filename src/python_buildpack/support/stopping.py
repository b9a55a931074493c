"""When a build may be stopped. SIGTERM ends it by an exception, so that every ``finally`` on the way out tidies up.

That exception comes between any two instructions: also between the making of something and the ``try`` that removes
it, and in the middle of a removal. ``DeferredStop`` keeps it out of there.

It may also be lost, because it comes where nobody expects one: CPython's compiler, at work in every import from source,
drops all but KeyboardInterrupt, and an error in ``__set_name__`` becomes a RuntimeError. Therefore ``DeferredStop``,
which no work of a build does without for long, raises it again, and ``entry`` asks ``is_stopped`` in the end.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType, TracebackType
from typing import NoReturn, Self

STOPPED = 143
"""The status of a process that was stopped: 128 and the number of SIGTERM, as in a shell."""

_Handler = Callable[[int, FrameType | None], object] | int | None


def stop(number: int, frame: FrameType | None) -> NoReturn:
    """Raise SystemExit. This is what ``entry`` has SIGTERM handled by."""
    del number, frame
    # Once is enough, and a second one would break off what tidies up because of the first.
    signal.signal(signal.SIGTERM, _ignore)
    raise SystemExit(STOPPED)


def _ignore(number: int, frame: FrameType | None) -> None:
    # Not SIG_IGN, which programs that are started would inherit.
    del number, frame


def is_stopped() -> bool:
    """Say whether ``stop`` has raised SystemExit already."""
    return signal.getsignal(signal.SIGTERM) is _ignore


class DeferredStop:
    """A block in which SIGTERM waits for the end, but for what is done with ``allowed``.

    Whoever makes something that has to be removed makes it first, then opens ``try``, and uses it with ``allowed``::

        with DeferredStop() as stop:
            thing = make()
            try:
                with stop.allowed():
                    use(thing)
            finally:
                remove(thing)

    SIGTERM that came meanwhile is sent again when it may come, to the handler from before. Python handles signals in
    the main thread alone, so in others nothing has to be done; what one of them makes may be removed by the main
    thread. The mask of signals stays as it is: programs that are started would inherit it.
    """

    def __init__(self) -> None:
        self._before: _Handler = None
        self._is_held = False
        self._came = False

    def __enter__(self) -> Self:
        """Put SIGTERM off. Raises SystemExit if the build was stopped and goes on all the same."""
        if is_stopped():
            raise SystemExit(STOPPED)
        self._hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let SIGTERM come. Raises what its handler raises."""
        self._release()

    def allowed(self) -> AbstractContextManager[None]:
        """Let SIGTERM come in an inner block. Raises what its handler raises."""
        return _Allowed(self._release, self._hold)

    def _hold(self) -> None:
        # What other threads get.
        with suppress(ValueError):
            self._before = signal.signal(signal.SIGTERM, self._remember)
            self._is_held = True

    def _release(self) -> None:
        if not self._is_held:
            return
        self._is_held = False
        signal.signal(signal.SIGTERM, self._before)
        if self._came:
            self._came = False
            signal.raise_signal(signal.SIGTERM)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._came = True


@contextmanager
def cleanup_after(tidy_up: Callable[[], object]) -> Iterator[None]:
    """Call ``tidy_up`` after the block, however it is left: as a whole, for SIGTERM may come in the block only."""
    with DeferredStop() as stop:
        try:
            with stop.allowed():
                yield
        finally:
            tidy_up()


class _Allowed(AbstractContextManager[None]):
    # Not by @contextmanager: a generator that SIGTERM kept from being left is left when it is collected, and would put
    # the next one off for ever.
    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin = begin
        self._end = end

    def __enter__(self) -> None:
        self._begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
