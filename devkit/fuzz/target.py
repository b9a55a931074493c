"""What is fuzzed: a parser with a strategy for its input, and the result of one case."""

import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from hypothesis import strategies as st

from cnb.errors import BuildpackError

PATIENCE = 10.0
"""Seconds of computing that no parser may need for one input, however busy the machine is."""
WAITING = 600.0
"""Seconds after which a parser that does not compute is taken to wait, as for a FIFO."""

Files = Mapping[str, bytes]
"""The input of one case: files by their path below a directory made for it."""


class Hang(BaseException):
    """A parser took too long. No Exception, so that no parser takes it for one of its own."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what others wrote."""

    name: str
    files: st.SearchStrategy[Files]
    parse: Callable[[Path], object]
    """Read what is in the directory. A value or a BuildpackError is right; anything else is a finding."""


@dataclass(frozen=True, slots=True)
class Value:
    """The input was read."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The input was refused, with an explanation."""

    code: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The parser crashed or hung."""

    where: str
    """The kind of error and the last lines of ours: what makes two findings the same."""
    trace: str


Verdict = Value | Refused | Broken


def write_files(files: Files, folder: Path) -> None:
    """Write the input of a case below a directory that is empty."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def judge(target: Target, folder: Path) -> Verdict:
    """Let the target read the directory, and return the result. Only for the main thread: it sets an alarm."""
    try:
        with _patience(PATIENCE, WAITING):
            target.parse(folder)
    except BuildpackError as error:
        return Refused(error.code)
    except (Exception, Hang) as error:  # noqa: BLE001 - any other kind is what is looked for
        return Broken(_where(error), "".join(traceback.format_exception(error)))
    return Value()


@contextmanager
def _patience(computing: float, waiting: float) -> Iterator[None]:
    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise Hang(f"no end after {computing if number == signal.SIGPROF else waiting:.0f} s")

    timers = {signal.SIGPROF: (signal.ITIMER_PROF, computing), signal.SIGALRM: (signal.ITIMER_REAL, waiting)}
    before = {number: signal.signal(number, interrupt) for number in timers}
    for timer, seconds in timers.values():
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for timer, _ in timers.values():
            signal.setitimer(timer, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/src/" in frame.filename]
    places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-2:])
    return " ".join((type(error).__name__, *places))
