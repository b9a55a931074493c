"""Assertions of tests can fail."""

import re

from devkit.paths import CHECKOUT

ALWAYS_TRUE = re.compile(
    r"^[ \t]*assert [rf]{0,2}(?P<quote>[\"'])(?:(?!(?P=quote)).)+(?P=quote)(?:$|,.*| ?\+(?!.* in |.*[=<>]).*)",
    re.MULTILINE,
)
"""A text that is compared with nothing, alone or with another one added to it."""


def test_no_assertion_is_a_text_alone() -> None:
    """A text is true, so such an assertion says nothing: what it was to be compared with was lost."""
    texts = {
        path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((CHECKOUT / "tests").rglob("*.py"))
    }
    found = {name: [match[0].strip() for match in ALWAYS_TRUE.finditer(text)] for name, text in texts.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_such_an_assertion_is_seen() -> None:
    """A text alone, with a message, and a sum; not one that is compared, or looked for."""
    wrong = ("assert 'x'", 'assert ": " + (file)', "    assert f'{x}', y", 'assert "x" + y')
    right = ("assert 'x' in y", 'assert f"{a}" == b', "assert 'x' + y in z", 'assert ("a", "b") in c')
    assert [line for line in (*wrong, *right) if ALWAYS_TRUE.match(line)] == list(wrong)
