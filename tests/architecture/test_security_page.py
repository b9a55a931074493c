"""The threat model: each promise names a test that exists, and nothing that tests show is missing."""

import re

from devkit.paths import CHECKOUT

PAGE = CHECKOUT / "docs" / "security.md"
_TEST = re.compile(r"`(?P<file>tests/[\w/.]+\.py)::(?P<name>test_\w+)`")


def test_each_promise_names_a_test_that_exists() -> None:
    """By its file and its name."""
    named = [(match["file"], match["name"]) for match in _TEST.finditer(PAGE.read_text(encoding="utf-8"))]
    assert len(named) > 10
    missing = [
        f"{file}::{name}" for file, name in named if f"def {name}(" not in (CHECKOUT / file).read_text(encoding="utf-8")
    ]
    assert not missing


def test_each_attack_stands_in_the_threat_model() -> None:
    """A file of attacks that the page does not name is one that a reader does not know of."""
    named = {match["file"] for match in _TEST.finditer(PAGE.read_text(encoding="utf-8"))}
    attacks = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "tests" / "security").glob("test_*.py")}
    assert attacks <= named
