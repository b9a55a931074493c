"""Stops that come at a random moment of some work, as SIGTERM reaches a build."""

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

_MEASURED = 10


def stopped(work: Callable[[], object], whole: Callable[[], object], rounds: int) -> Iterator[int]:
    """Do ``work`` and end it by SIGTERM at a random moment, again and again; yield the number of each round.

    The moments lie within the time that ``whole`` takes. SystemExit leaves the work, as it leaves a build. The main
    thread only; takes SIGALRM for itself.
    """
    began = time.monotonic()
    for _ in range(_MEASURED):
        whole()
    seconds = (time.monotonic() - began) / _MEASURED
    handlers = {signal.SIGTERM: _stop, signal.SIGALRM: _send}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        for number in range(rounds):
            _work_until_stopped(work, seconds)
            yield number
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _work_until_stopped(work: Callable[[], object], seconds: float) -> None:
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, seconds))  # noqa: S311 - not a secret
        work()
        # It was over before that.
        time.sleep(seconds)
    except SystemExit:
        pass


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    sys.exit(143)


def _send(number: int, frame: FrameType | None) -> None:
    del number, frame
    signal.raise_signal(signal.SIGTERM)
