"""Work beside the build ends with it at the latest."""

import time
from collections.abc import Callable

import pytest

from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.support.beside import Beside


def test_the_result_is_waited_for_and_given_once() -> None:
    """Without work it is None."""
    beside = Beside[int]()
    assert beside.result() is None
    beside.start(lambda _: 3)
    assert (beside.result(), beside.result()) == (3, None)


def test_an_error_of_the_work_is_raised_where_its_result_is_needed() -> None:
    """What is a fault of the buildpack is not hidden."""

    def fail(is_cancelled: Callable[[], bool]) -> int:
        raise LookupError(is_cancelled())

    beside = Beside[int]()
    beside.start(fail)
    with pytest.raises(LookupError):
        beside.result()
    beside.stop()


def test_a_program_of_the_work_is_ended_when_it_is_stopped() -> None:
    """When a build ends early, nobody waits for its downloads."""
    beside, began = Beside[int](), time.monotonic()
    finished = []

    def run(is_cancelled: Callable[[], bool]) -> int:
        finished.append(SubprocessRunner().run(Command(("sleep", "60"), {}, is_cancelled=is_cancelled)))
        return 1

    beside.start(run)
    beside.stop()
    assert [(one.timed_out, one.status) for one in finished] == [(True, -15)]
    assert time.monotonic() - began < 30
