"""The random apps and edits of devkit.edits: repeatable, and each names only files that are there."""

from pathlib import Path
from random import Random

import pytest

from devkit.edits.apps import MAKERS, random_app
from devkit.edits.edits import random_edit
from manager_context import snapshot, write_app
from python_buildpack.app.project import scan
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
        versions = {library.version_file for library in app.libraries if library.is_dynamic}
        assert versions <= app.files.keys()
        assert not versions & app.idle
        project = scan(write_app(tmp_path / str(seed), app.files))
        found = [manager.name for manager in managers_for(NO_SETTINGS) if manager.find(project)]
        assert found or app.lock


def test_an_edit_changes_the_app(tmp_path: Path) -> None:
    """Whatever edit is drawn: a round that changes nothing shows nothing."""
    for seed in SEEDS:
        random = seeded(seed)
        app = random_app(random, random.choice(tuple(MAKERS)))
        folder = write_app(tmp_path / str(seed), app.files)
        before = snapshot(folder)
        random_edit(random, app, folder).do(folder)
        assert snapshot(folder) != before
