"""INI files are read as configparser reads them, in a time that grows with their size alone."""

import configparser
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_buildpack.support.ini import IniInvalid, read_ini

PARTS = (
    "[a]",
    "[b]",
    "[DEFAULT]",
    "[]",
    "[a",
    "x",
    "X",
    " ",
    "  ",
    "\t",
    "=",
    ":",
    "1",
    "# c",
    "; c",
    "\n",
    "\n",
    "\n ",
)
PATIENCE = 5.0
"""Seconds of the processor; it takes a tenth of one, and took hours."""


def read_by_configparser(text: str) -> dict[str, dict[str, str]] | None:
    """Return what configparser reads, None if it refuses the text."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return {name: dict(parser.items(name)) for name in parser.sections()}


@given(st.lists(st.sampled_from(PARTS), max_size=25).map("".join))
def test_it_reads_what_configparser_reads(text: str) -> None:
    """Sections, options, values of several lines, comments, defaults; and it refuses what that refuses."""
    try:
        found = read_ini(text)
    except IniInvalid:
        assert read_by_configparser(text) is None
    else:
        assert found == read_by_configparser(text)


@pytest.mark.parametrize(
    "line", ["x\n", "\\\n", " x\n", "=\n", "x\ty ", "x=1\n", "[a]\n", "x" + 99 * " ", "\n", "# \n"]
)
def test_a_long_file_is_read_in_linear_time(line: str) -> None:
    """A megabyte of what is no option, of blanks on one line, of options."""
    text = f"[a]\nx{line * (1_000_000 // len(line))}y = 1\n"
    start = time.process_time()
    with suppress(IniInvalid):
        read_ini(text)
    assert time.process_time() - start < PATIENCE
