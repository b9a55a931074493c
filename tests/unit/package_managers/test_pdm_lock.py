"""Locks of PDM 2.12, and whether they match pyproject.toml by that release's rules."""

from pathlib import Path

import pytest

from manager_context import write_app
from older_pdm import LOCK, PROJECT
from python_buildpack.app.project import scan
from python_buildpack.package_managers.pdm_lock import matches_for_older_pdm


@pytest.mark.parametrize(
    ("old", "new", "matches"),
    [
        ("", "", True),
        ('version = "1"', 'version = "2"', True),
        ("2.1.2", "2.2.0", False),
        ("iniconfig", "pluggy", False),
        ("2.1.5", "3.0.0", False),
        (">=3.10", ">=3.11", False),
    ],
)
def test_a_lock_of_an_older_pdm_matches_until_what_it_was_made_from_changes(
    tmp_path: Path, old: str, new: str, *, matches: bool
) -> None:
    """Dependencies, development groups, overrides and requires-python count; the version of the app does not."""
    app = write_app(tmp_path, {"pyproject.toml": PROJECT.replace(old, new) if old else PROJECT, "pdm.lock": LOCK})
    assert matches_for_older_pdm(scan(app)) == matches


@pytest.mark.parametrize("lock", ["", "metadata = 1\n", '[metadata]\ncontent_hash = "x"\n', "[metadata]\n"])
def test_a_lock_without_a_digest_matches_nothing(tmp_path: Path, lock: str) -> None:
    """PDM itself then says what it thinks of the lock."""
    assert not matches_for_older_pdm(scan(write_app(tmp_path, {"pyproject.toml": PROJECT, "pdm.lock": lock})))
