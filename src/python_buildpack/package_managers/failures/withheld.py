"""Finds, in the output of a failed installation, the variables of the app that it did not get. Pure."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

_WORD = re.compile(r"[A-Za-z_]\w*")
_ASKED = re.compile(
    r"KeyError|environ|getenv|variable|setting|not found|not set|required|missing|undefined", re.IGNORECASE
)
_SEARCHED = 1 << 18


def asked_for(output: str, withheld: AbstractSet[str]) -> tuple[str, ...]:
    """Return the withheld variables that the output of a failed installation names as what it lacks; sorted.

    A name that is an ordinary word counts only in a line that is about variables.
    """
    return tuple(sorted(set(_named(output[-_SEARCHED:], withheld)))) if withheld else ()


def _named(output: str, withheld: AbstractSet[str]) -> Iterator[str]:
    for line in output.splitlines():
        found = withheld & set(_WORD.findall(line))
        if found and _ASKED.search(line):
            yield from found
        yield from (name for name in found if "_" in name)
