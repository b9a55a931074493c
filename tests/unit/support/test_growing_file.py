"""What of a growing cache is written anew."""

import pytest

from python_buildpack.support.growing_file import Parts, decide_parts

MB = 1_000_000
BASE = {"a": 4 * MB, "b": 4 * MB, "c": 4 * MB}


@pytest.mark.parametrize(
    ("wanted", "parts"),
    [
        (BASE, Parts(None, frozenset())),
        ({**BASE, "d": MB}, Parts(None, frozenset("d"))),
        ({**BASE, "d": 9 * MB}, Parts(frozenset("abcd"), frozenset())),
        ({"a": 4 * MB, "b": 4 * MB, "d": MB}, Parts(frozenset("abd"), frozenset())),
        ({"a": 1}, Parts(frozenset(), frozenset("a"))),
        ({}, Parts(frozenset(), frozenset())),
    ],
    ids=["the same", "a little more", "much more", "as much unused", "hardly anything", "nothing"],
)
def test_a_little_is_added_and_much_is_written_anew(wanted: dict[str, int], parts: Parts) -> None:
    """What is not used any more counts as what is new does; what is small altogether is not divided."""
    assert decide_parts(wanted, BASE) == parts


def test_what_is_small_stays_in_the_second_file() -> None:
    """So the layer of the first one does not change with each build of a small app."""
    assert decide_parts({"a": 1, "b": 2}, {}) == Parts(None, frozenset("ab"))
