"""The pages about the code name files that exist."""

import re

import pytest

from devkit.paths import CHECKOUT

ROOTS = (CHECKOUT, CHECKOUT / "src", CHECKOUT / "src" / "python_buildpack")
PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
NOT_HERE = re.compile(r"[A-Z]{3,}|[*<:]|^bin/p(re|ost)_compile$|^dist/|^tools/wheels/")
"""Names that stand for others, files of apps, and what is made."""


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page: str) -> None:
    """Every path in backquotes, from the checkout's root or from one of the folders with the sources."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    paths = {name for name in re.findall(r"`([\w./*<>:-]+/[\w./*<>:-]*)`", text) if not NOT_HERE.search(name)}
    assert len(paths) > 10
    assert [path for path in sorted(paths) if not any((root / path).exists() for root in ROOTS)] == []
