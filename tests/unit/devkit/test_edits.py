"""The random apps and edits of devkit.edits: repeatable, and each names only files that are there."""

from pathlib import Path
from random import Random

import pytest

from devkit.edits import repository
from devkit.edits.apps import MAKERS, random_app
from devkit.edits.archives import Archive, as_bytes
from devkit.edits.edits import random_edit
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.app.snapshot import digest_entry, take_snapshot
from python_buildpack.package_managers.registry import NO_SETTINGS, managers_for

SEEDS = range(12)


def seeded(seed: int) -> Random:
    """Return numbers that are the same in each run."""
    return Random(seed)  # noqa: S311 - nothing is secret


@pytest.mark.parametrize("name", MAKERS)
def test_an_app_is_one_of_its_manager_and_its_files_exist(name: str, tmp_path: Path) -> None:
    """Equal seeds make equal apps; what an edit must not matter for is a file of the app."""
    for seed in SEEDS:
        app = random_app(seeded(seed), name)
        assert app == random_app(seeded(seed), name)
        assert app.idle <= app.files.keys()
        versions = {library.version_file for library in app.libraries if library.version_file}
        assert versions <= app.files.keys()
        assert not versions & app.idle
        project = scan(write_app(tmp_path / str(seed), app.files))
        found = [manager.name for manager in managers_for(NO_SETTINGS) if manager.find(project)]
        assert found or app.lock


def test_an_edit_changes_the_app(tmp_path: Path) -> None:
    """Whatever edit is drawn: a round that changes neither a file nor a variable shows nothing."""
    for seed in range(len(SEEDS) * 2):
        random = seeded(seed)
        app = random_app(random, random.choice(tuple(MAKERS)))
        folder = write_app(tmp_path / str(seed), app.files)
        if app.has_git:
            repository.begin(folder)
        before, head = take_snapshot(folder), digest_entry(folder / ".git/refs/heads/main")
        edit = random_edit(random, app, folder)
        edit.do(folder)
        is_same = take_snapshot(folder) == before and digest_entry(folder / ".git/refs/heads/main") == head
        assert edit.env or not is_same, edit.what


def test_an_archive_has_the_same_name_and_other_content() -> None:
    """Wheels and source distributions of the same number are equal, those of another differ."""
    for archive in (Archive("gamma", is_wheel=True), Archive("delta", is_wheel=False)):
        assert archive.content(1) == archive.content(1) != archive.content(2)
        assert as_bytes(archive.text) == archive.content(0)
