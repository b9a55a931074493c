"""Work beside the build's own."""

import threading

import pytest

from python_buildpack.background import Background


def test_it_goes_on_beside_the_build() -> None:
    """What begins the work does not wait for it; what finishes does."""
    gate, done = threading.Event(), threading.Event()

    def work() -> None:
        gate.wait(10)
        done.set()

    background = Background()
    background.begin(work)
    assert not done.is_set()
    gate.set()
    background.finish()
    assert done.is_set()


def test_what_fails_there_fails_the_build() -> None:
    """Nothing that goes wrong beside the build is lost, and it is told once."""

    def work() -> None:
        raise LookupError("no bytecode")

    background = Background()
    background.begin(work)
    with pytest.raises(LookupError, match="no bytecode"):
        background.finish()
    background.finish()
