"""Names in which ``*`` stands for anything."""

from fnmatch import fnmatchcase

import pytest

from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.platform.variables import VARIABLES
from python_buildpack.settings.unknown import FOREIGN
from python_buildpack.support.wildcard import fits

PATTERNS = sorted({row.name for row in VARIABLES} | {row.name for row in FOREIGN} | {*KNOWN_FILES})


def test_tables_have_no_other_wildcards() -> None:
    """The shell's other wildcards would be read as themselves."""
    assert [name for name in PATTERNS if set(name) & set("?[")] == []


@pytest.mark.parametrize("pattern", [*PATTERNS, "*", "A*A", "*A*.txt", "A*AA*A", "**A", "*.*.*"])
def test_a_name_fits_as_in_a_shell(pattern: str) -> None:
    """Names with nothing, something and too little in the stars' places fit as the standard library says."""
    names = ["", "A", "AA", "AAA", "AxA", "AxAAxA", "AAAA", "..", "a.b.c", "xA-y.txt", "A.txt", ".txt"]
    names += [pattern.replace("*", middle) for middle in ("", "_", "X_Y", "*", "A")]
    names += [pattern.replace("*", "")[:-1], f"{pattern}_", f"_{pattern}"]
    assert [fits(name, pattern) for name in names] == [fnmatchcase(name, pattern) for name in names]
