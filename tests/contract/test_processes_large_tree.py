"""A tree far larger than an app: what is looked at is bounded, and it is said where looking stopped."""

import os
import time
from pathlib import Path

import pytest

from python_buildpack.app.project import MAX_ENTRIES, MAX_SOURCES, Project, scan
from python_buildpack.app.texts import MAX_SOURCE_BYTES
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.decide.processes.relevance import MAX_CHARACTERS
from python_buildpack.installed.distributions import InstalledDistributions

FOLDERS = 200
FILES = 20_000
BYTES = 200 * 10**6
MODULE = "from flask import Flask\n\n\ndef helper_{number}(value):\n    return Flask, value\n\n\n" + "".join(
    f"setting_{line} = helper_{{number}}([{line}, 'text'])\n" for line in range(75)
)
GENEROUS = 10.0
"""Seconds. Measured: 0.5 on a busy machine. Without bounds it takes longer than this."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory of 20,000 files and 200 MB, a fifth of them Python, with one app at the top."""
    root = tmp_path_factory.mktemp("large")
    (root / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n", encoding="utf-8")
    per_folder = FILES // FOLDERS
    for number in range(FOLDERS):
        folder = root / f"part_{number:03}" / "inner"
        folder.mkdir(parents=True)
        for file in range(per_folder):
            if file % 5 == 0:
                (folder / f"module_{file}.py").write_text(MODULE.format(number=number), encoding="utf-8")
            else:
                # Sparse: it has a size and no content.
                descriptor = os.open(folder / f"data_{file}.bin", os.O_CREAT | os.O_WRONLY)
                os.ftruncate(descriptor, BYTES // FILES)
                os.close(descriptor)
    return root


@pytest.fixture(scope="module")
def project(tree: Path) -> Project:
    """Return the tree, looked at."""
    return scan(tree)


def test_what_is_read_is_bounded(project: Project) -> None:
    """At most so many files are opened, and none is read beyond a limit; data is never opened."""
    assert len(project.sources) == MAX_SOURCES
    assert max(map(len, project.sources.values())) <= MAX_SOURCE_BYTES
    assert [path for path in (*project.sources, *project.texts) if path.endswith(".bin")] == []
    assert len(project.files) + len(project.directories) <= MAX_ENTRIES


def test_the_app_at_the_top_is_found_and_the_limits_are_told(project: Project) -> None:
    """The shallow files go first, so the app is there; the plan says what was left out, and where."""
    plan = decide_processes(project, InstalledDistributions.declared({"flask", "gunicorn"}))

    assert [process.command for process in plan.processes] == [("gunicorn", "app:app")]
    assert plan.limits[0].startswith(f"read {MAX_SOURCES} of ")
    assert plan.limits[1].startswith(f"parsed {MAX_CHARACTERS // 1000} kB of source, up to part_")


def test_an_entry_deep_in_a_large_app_is_found(tmp_path: Path) -> None:
    """Files of usual names are read and parsed before the mass of the others, and tests last."""
    (tmp_path / "tests").mkdir()
    for number in range(MAX_SOURCES + 50):
        (tmp_path / "tests" / f"test_{number}.py").write_text("from flask import Flask\n", encoding="utf-8")
    shop = tmp_path / "src" / "backend" / "shop"
    shop.mkdir(parents=True)
    (shop / "__init__.py").touch()
    for number in range(60):
        (shop / f"part_{number}.py").write_text(MODULE.format(number=number) * 3, encoding="utf-8")
    (shop / "wsgi.py").write_text("from shop.app import app\n", encoding="utf-8")
    (shop / "app").mkdir()
    (shop / "app" / "__init__.py").write_text("from flask import Flask\napp = Flask(__name__)\n", encoding="utf-8")

    plan = decide_processes(scan(tmp_path), InstalledDistributions.declared({"flask", "gunicorn"}))

    assert [process.line for process in plan.processes] == ["gunicorn --chdir src/backend shop.wsgi:app"]


def test_a_small_app_has_no_limits_to_tell(tmp_path: Path) -> None:
    """What was looked at from end to end is not commented on."""
    (tmp_path / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n", encoding="utf-8")

    assert decide_processes(scan(tmp_path), InstalledDistributions.declared({"flask", "gunicorn"})).limits == ()


def test_it_does_not_take_long(tree: Path) -> None:
    """Far within what a build may take, on a machine that has other things to do: the bound is for lost bounds."""
    begin = time.process_time()
    decide_processes(scan(tree), InstalledDistributions.declared({"flask", "gunicorn"}))

    assert time.process_time() - begin < GENEROUS
