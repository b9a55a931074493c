"""Stops a build on SIGTERM. The handler raises an exception, so that every ``finally`` cleans up.

The exception can be raised between any two instructions: also between the creation of something and the ``try`` that
removes it, and during a removal. ``DeferredStop`` prevents this by deferring the signal.

The exception can also be lost: CPython's compiler, which runs at every import from source, drops all exceptions but
KeyboardInterrupt, and an error in ``__set_name__`` becomes a RuntimeError. Therefore ``DeferredStop``, which a build
uses often, raises it again, and ``entry`` checks ``is_stopped`` at the end.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType, TracebackType
from typing import NoReturn, Self

STOPPED = 143
"""The exit status of a stopped process: 128 plus the number of SIGTERM, as in a shell."""

_Handler = Callable[[int, FrameType | None], object] | int | None


def stop(number: int, frame: FrameType | None) -> NoReturn:
    """Raise SystemExit: the handler that ``entry`` sets for SIGTERM."""
    del number, frame
    # A second SIGTERM would interrupt the cleaning up after the first.
    signal.signal(signal.SIGTERM, _ignore)
    raise SystemExit(STOPPED)


def _ignore(number: int, frame: FrameType | None) -> None:
    # Not SIG_IGN: child processes would inherit it.
    del number, frame


def is_stopped() -> bool:
    """Return whether ``stop`` has raised SystemExit."""
    return signal.getsignal(signal.SIGTERM) is _ignore


class DeferredStop:
    """A block in which SIGTERM is deferred to the end, except in inner blocks of ``allowed``.

    Code that makes something that must be removed looks like this::

        with DeferredStop() as stop:
            thing = make()
            try:
                with stop.allowed():
                    use(thing)
            finally:
                remove(thing)

    A deferred SIGTERM is sent again when it is allowed, to the previous handler. Python handles signals only in the
    main thread, so in other threads the block does nothing; what they make may be removed by the main thread. The
    signal mask is not used, because child processes would inherit it.
    """

    def __init__(self) -> None:
        self._before: _Handler = None
        self._is_held = False
        self._came = False

    def __enter__(self) -> Self:
        """Defer SIGTERM. Raises SystemExit if the build was stopped before, and the exception was lost."""
        if is_stopped():
            raise SystemExit(STOPPED)
        self._hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Allow SIGTERM again. Raises what the handler of a deferred SIGTERM raises."""
        self._release()

    def allowed(self) -> AbstractContextManager[None]:
        """Return a block in which SIGTERM is allowed. It raises what the handler of a deferred SIGTERM raises."""
        return _Allowed(self._release, self._hold)

    def _hold(self) -> None:
        # signal.signal raises ValueError in other threads than the main one.
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
    """Call ``tidy_up`` after the block, also after an error. SIGTERM cannot interrupt it, only the block."""
    with DeferredStop() as stop:
        try:
            with stop.allowed():
                yield
        finally:
            tidy_up()


class _Allowed(AbstractContextManager[None]):
    # Not by @contextmanager: if SIGTERM interrupted the exit of its generator, that would run when the generator is
    # garbage-collected, and would defer the next SIGTERM for ever.
    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin = begin
        self._end = end

    def __enter__(self) -> None:
        self._begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
