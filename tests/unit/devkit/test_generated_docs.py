"""Generated pages are committed; here they are held to what the code says today."""

import tomllib

from devkit.generated_docs import error_classes, pages
from devkit.paths import CHECKOUT

SHORTEST_EXPLANATION = 40


def test_a_generated_page_is_what_the_code_says() -> None:
    """./dev refresh docs has been run since the code's tables changed."""
    # All pages in one test: to name them for pytest would make all of them, in each process that collects tests.
    written = pages()
    committed = {path: (CHECKOUT / path).read_text(encoding="utf-8") for path in written if (CHECKOUT / path).is_file()}
    assert {path: text for path, text in written.items() if committed.get(path) != text} == {}


def test_every_error_has_its_own_code() -> None:
    """People search for codes: two errors never share one."""
    codes = [kind.code for kind in error_classes()]
    assert sorted(set(codes)) == codes


def test_an_error_is_complete() -> None:
    """A code in kebab-case, a title without a full stop, a docstring of more than 40 characters, which explains."""
    kinds = error_classes()
    assert [one.code for one in kinds if one.code != one.code.lower().replace("_", "-").replace(" ", "-")] == []
    assert [one.code for one in kinds if one.title.endswith(".")] == []
    assert [one.code for one in kinds if len(one.__doc__ or "") <= SHORTEST_EXPLANATION] == []


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
