"""Names in which one ``*`` stands for anything."""

from fnmatch import fnmatchcase

import pytest

from python_buildpack.platform.variables import VARIABLES
from python_buildpack.settings.unknown import FOREIGN
from python_buildpack.support.wildcard import fits

PATTERNS = sorted({row.name for row in VARIABLES} | {row.name for row in FOREIGN})


def test_tables_of_variables_have_no_other_wildcards() -> None:
    """A pattern with two stars, or one of the shell's other wildcards, would be read as something else."""
    assert [name for name in PATTERNS if name.count("*") > 1 or set(name) & set("?[")] == []


@pytest.mark.parametrize("pattern", [*PATTERNS, "*", "A*A"])
def test_a_name_fits_as_in_a_shell(pattern: str) -> None:
    """Names with nothing, something and too little in the star's place fit as the standard library says."""
    names = ["", "A", "AA", "AxA", *(pattern.replace("*", middle) for middle in ("", "_", "X_Y", "*"))]
    names += [pattern.replace("*", "")[:-1], f"{pattern}_", f"_{pattern}"]
    assert [fits(name, pattern) for name in names] == [fnmatchcase(name, pattern) for name in names]
