"""Generated pages are committed; here they are held to what the code says today."""

import tomllib
from pathlib import Path

import pytest

from devkit.generated_docs import error_classes, pages

CHECKOUT = Path(__file__).resolve().parents[3]
PAGES = pages()


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_page_is_what_the_code_says(path: str) -> None:
    """./dev refresh docs has been run since the code's tables changed."""
    assert (CHECKOUT / path).read_text(encoding="utf-8") == PAGES[path]


def test_every_error_has_its_own_code() -> None:
    """People search for codes: two errors never share one."""
    codes = [kind.code for kind in error_classes()]
    assert sorted(set(codes)) == codes


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.code)
def test_an_error_is_complete(kind: type) -> None:
    """A code in kebab-case, a title without a full stop, a docstring that explains."""
    assert kind.code == kind.code.lower().replace("_", "-").replace(" ", "-")  # type: ignore[attr-defined]
    assert not kind.title.endswith(".")  # type: ignore[attr-defined]
    assert len(kind.__doc__ or "") > 40


def test_the_tests_that_the_page_of_faults_names_are_there() -> None:
    """A reader of docs/faults.md can follow each link, also after tests have moved."""
    rows = tomllib.loads((CHECKOUT / "tests/contract/faults.toml").read_text(encoding="utf-8"))
    named = [test for tables in rows.values() for row in tables if (test := row.get("test"))]
    assert named
    missing = []
    for test in named:
        path, _, name = test.partition("::")
        file = CHECKOUT / path
        if not file.is_file() or f"def {name.partition('[')[0]}(" not in file.read_text(encoding="utf-8"):
            missing.append(test)
    assert missing == []
