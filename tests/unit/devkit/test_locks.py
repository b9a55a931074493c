"""The random projects of devkit.locks: repeatable, of their manager, and a comparison that sees each difference."""

from pathlib import Path
from random import Random

import pytest

from devkit.locks.compare import contents, differences
from devkit.locks.packages import random_world, wheel, write_files
from devkit.locks.projects import MAKERS
from manager_context import snapshot, write_app

URLS = {"main": "http://127.0.0.1/main/simple/", "company": "http://127.0.0.1/company/simple/"}


def seeded(seed: int) -> Random:
    """Return numbers that are the same in each run."""
    return Random(seed)  # noqa: S311 - nothing is secret


@pytest.mark.parametrize("name", MAKERS)
def test_equal_seeds_make_equal_projects(name: str) -> None:
    """And the groups and extras that are chosen are in the project's file."""
    for seed in range(8):
        trials = [MAKERS[name](random, random_world(random), URLS) for random in (seeded(seed), seeded(seed))]
        assert trials[0] == trials[1]
        declared = trials[0].files["Pipfile" if name == "pipenv" else "pyproject.toml"]
        assert all(chosen in declared for chosen in (*trials[0].groups, *trials[0].extras))


def test_equal_worlds_have_equal_files(tmp_path: Path) -> None:
    """Wheels are made without the time of day."""
    world = random_world(seeded(1))
    assert wheel(world.packages[0], "py3-none-any") == wheel(world.packages[0], "py3-none-any")
    write_files(world, tmp_path)
    assert snapshot(tmp_path)


def test_a_difference_is_seen_in_files_records_origins_and_scripts(tmp_path: Path) -> None:
    """Names of installers and the text of scripts do not count."""
    site = "lib/python3.12/site-packages"
    files = {
        f"{site}/red/__init__.py": "",
        f"{site}/red-1.0.dist-info/RECORD": "red/__init__.py,sha256=x,0\nred-1.0.dist-info/INSTALLER,sha256=y,2\n",
        f"{site}/red-1.0.dist-info/INSTALLER": "uv",
        f"{site}/red-1.0.dist-info/direct_url.json": '{"url": "file:///app", "dir_info": {"editable": true}}',
        "bin/red": "#!uv",
    }
    base = contents(write_app(tmp_path / "base", files))
    ignored = {f"{site}/red-1.0.dist-info/INSTALLER": "tool", "bin/red": "#!tool"}
    assert differences(base, contents(write_app(tmp_path / "same", files | ignored))) == []
    for number, (path, text) in enumerate({
        f"{site}/red/__init__.py": "x = 1",
        f"{site}/more.py": "",
        f"{site}/red-1.0.dist-info/RECORD": "red/__init__.py,sha256=z,0\n",
        f"{site}/red-1.0.dist-info/direct_url.json": '{"url": "file:///app"}',
        "bin/blue": "",
    }.items()):  # fmt: skip
        assert differences(base, contents(write_app(tmp_path / str(number), files | {path: text})))
