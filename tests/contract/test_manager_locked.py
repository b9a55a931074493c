"""Poetry, PDM, Pipenv, uv and pylock: the real tool installs what the lock says, and leaves the app as it was."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import older_pdm
from devkit.locks.compare import contents, differences
from manager_context import (
    install,
    install_context,
    lock_pdm,
    lock_pipenv,
    lock_poetry,
    lock_uv,
    snapshot,
    with_index,
    write_app,
)
from python_buildpack.package_managers.failures.errors import GroupUnknown, LockOutOfDate, PackageHashMismatch
from python_buildpack.package_managers.registry import manager_named

pytestmark = pytest.mark.network

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
PEP_621 = """
[project]
name = "hello-app"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["click"]
[project.optional-dependencies]
signals = ["blinker"]
[dependency-groups]
dev = ["itsdangerous"]
metrics = ["packaging"]
[project.scripts]
hello = "hello_app:main"
"""
POETRY_PROJECT = """
[project]
name = "hello-app"
version = "1.0"
requires-python = ">=3.10,<4.0"
dependencies = ["click"]
[project.optional-dependencies]
signals = ["blinker"]
[tool.poetry.group.dev.dependencies]
itsdangerous = "*"
[tool.poetry.group.metrics]
optional = true
[tool.poetry.group.metrics.dependencies]
packaging = "*"
[project.scripts]
hello = "hello_app:main"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
[[tool.poetry.source]]
name = "here"
priority = "primary"
"""
PIPFILE = """
[packages]
click = "*"
[metrics]
packaging = "*"
[dev-packages]
itsdangerous = "*"
[[source]]
name = "here"
verify_ssl = true
"""
MODULE = 'def main():\n    print("hello")\n'


@dataclass(frozen=True, slots=True)
class Case:
    """One manager's way to lock and to go stale."""

    manager: str
    lock: str
    files: dict[str, str]
    make: Callable[[Path, Path, Path], None]
    stale: tuple[str, str, str]
    """A file, a text in it and the one that makes the lock out of date."""
    cure: str
    itself: bool = True
    """Whether the project is installed as well."""


CASES = [
    Case(
        "poetry",
        "poetry.lock",
        {"pyproject.toml": with_index(POETRY_PROJECT), "hello_app/__init__.py": MODULE},
        lock_poetry,
        ("pyproject.toml", '"click"', '"click", "six"'),
        "poetry lock",
    ),
    Case(
        "pdm",
        "pdm.lock",
        {"pyproject.toml": PEP_621 + SETUPTOOLS, "hello_app/__init__.py": MODULE},
        lock_pdm,
        ("pyproject.toml", '"click"', '"click", "six"'),
        "pdm lock",
    ),
    Case(
        "pipenv",
        "Pipfile.lock",
        {"Pipfile": with_index(PIPFILE), "app.py": MODULE},
        lock_pipenv,
        ("Pipfile", 'click = "*"', 'click = "*"\nsix = "*"'),
        "pipenv lock",
        itself=False,
    ),
    Case(
        "uv",
        "uv.lock",
        {"pyproject.toml": PEP_621 + SETUPTOOLS, "hello_app/__init__.py": MODULE},
        lock_uv,
        ("pyproject.toml", '"click"', '"click", "six"'),
        "uv lock",
    ),
]


@dataclass(frozen=True, slots=True)
class Locked:
    """An app with its lock, and where the tool that made it is kept."""

    case: Case
    app: Path
    layers: Path


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.manager)
def locked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Locked:
    """Yield an app of each kind, locked by its own tool."""
    case: Case = request.param
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    work = shared / f"locked-{case.manager}"
    with (shared / f"locked-{case.manager}.flock").open("w") as mutex:
        # One worker makes it, the others wait: it takes longer than all the tests of it.
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not (work / "done").exists():
            app = write_app(work / "app", case.files)
            (work / "layers").mkdir()
            case.make(app, work, work / "layers")
            assert (app / case.lock).is_file()
            (work / "done").touch()
    return Locked(case, work / "app", work / "layers")


def reversed_digests(line: str) -> str:
    return re.sub(r"(?<=sha256:)[0-9a-f]{64}", lambda found: found[0][::-1], line)


def copied(locked: Locked, tmp_path: Path) -> Path:
    return Path(shutil.copytree(locked.app, tmp_path / "app"))


def test_the_lock_is_installed_and_the_app_is_untouched(locked: Locked, tmp_path: Path) -> None:
    """The dependencies, the project itself where there is one, no development group, and not a file more in the app."""
    app = copied(locked, tmp_path)
    before = snapshot(app)
    done = install(locked.case.manager, app, tmp_path / "work", locked.layers)
    assert done.names == {"click", "hello_app"} if locked.case.itself else {"click"}
    assert done.run("import click; print(click.__name__)", tmp_path) == "click"
    if locked.case.itself:
        assert done.run("import hello_app; print(hello_app.__file__)", tmp_path) == str(app / "hello_app/__init__.py")
        assert (done.venv / "bin" / "hello").is_file()
    assert snapshot(app) == before
    assert done.log.warnings == []


def test_what_is_chosen_is_installed_and_no_more(locked: Locked, tmp_path: Path) -> None:
    """BP_PYTHON_GROUPS and _EXTRAS add one each; the group called dev stays out. A Pipfile knows no extras.

    That BP_PYTHON_EXTRAS has no effect there, the decision says before.
    """
    app = copied(locked, tmp_path)
    settings = {"BP_PYTHON_GROUPS": "metrics", "BP_PYTHON_EXTRAS": "signals"}
    done = install(locked.case.manager, app, tmp_path / "work", locked.layers, settings)
    knows_extras = locked.case.manager != "pipenv"
    assert done.names - {"hello_app"} == {"click", "packaging"} | ({"blinker"} if knows_extras else set())
    assert done.log.warnings == []


@pytest.mark.parametrize("locked", CASES[:3], indirect=True, ids=["poetry", "pdm", "pipenv"])
def test_uv_leaves_what_the_tool_leaves(locked: Locked, tmp_path: Path) -> None:
    """Without the tool, which BP_PYTHON_INSTALLER brings back. ``python -m devkit.locks`` does more of it."""
    app = copied(locked, tmp_path)
    name = locked.case.manager
    settings = {"BP_PYTHON_GROUPS": "metrics"} | ({} if name == "pipenv" else {"BP_PYTHON_EXTRAS": "signals"})
    ours = install(name, app, tmp_path / "uv", tmp_path / "layers", settings)
    assert any(f"installs, from {locked.case.lock}" in line for line in ours.log.said)
    assert not (tmp_path / "layers").exists()
    theirs = install(name, app, tmp_path / "tool", locked.layers, {**settings, "BP_PYTHON_INSTALLER": name})
    assert any(f"BP_PYTHON_INSTALLER is set to {name}" in line for line in theirs.log.said)
    assert differences(contents(ours.venv), contents(theirs.venv)) == []


def test_choices_take_part_in_the_resolution(locked: Locked, tmp_path: Path) -> None:
    """Another group is another environment, so that the layer of the one is not reused for the other."""
    plain = install_context(locked.app, tmp_path / "plain", locked.layers)
    chosen = install_context(locked.app, tmp_path / "chosen", locked.layers, {"BP_PYTHON_GROUPS": "metrics"})
    manager = manager_named(locked.case.manager)
    assert manager.resolve(plain).digest != manager.resolve(chosen).digest
    assert manager.resolve(plain) == manager.resolve(plain)


def test_a_group_that_does_not_exist_is_refused(locked: Locked, tmp_path: Path) -> None:
    """A mistake in BP_PYTHON_GROUPS does not give an image without the group."""
    app = copied(locked, tmp_path)
    with pytest.raises(GroupUnknown):
        install(locked.case.manager, app, tmp_path / "work", locked.layers, {"BP_PYTHON_GROUPS": "metrix"})


def test_a_lock_that_is_out_of_date_is_refused_and_not_rewritten(locked: Locked, tmp_path: Path) -> None:
    """The error names the command to run, and both files stay as they are."""
    app = copied(locked, tmp_path)
    file, old, new = locked.case.stale
    path = app / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    before = snapshot(app)
    with pytest.raises(LockOutOfDate) as caught:
        install(locked.case.manager, app, tmp_path / "work", locked.layers)
    assert locked.case.cure in caught.value.cure
    assert locked.case.lock in caught.value.what
    assert snapshot(app) == before


def test_what_is_declared_is_known_before_installing(locked: Locked, tmp_path: Path) -> None:
    """The lock's names without development groups, from the files alone."""
    bench = install_context(locked.app, tmp_path, locked.layers)
    names = manager_named(locked.case.manager).declared(bench.project)
    assert "click" in names
    assert "itsdangerous" not in names


def test_the_pins_of_a_lock_are_known_with_their_wheels(locked: Locked, tmp_path: Path) -> None:
    """As its own tool wrote them, without development groups; Pipfile.lock alone names no files."""
    manager = manager_named(locked.case.manager)
    project = install_context(locked.app, tmp_path, locked.layers).project
    pinned = manager.pinned(project)
    versions = pinned.at("3.11")
    assert versions.keys() == manager.declared(project)
    if locked.case.manager == "pipenv":
        assert pinned.wheels is None
    else:
        assert pinned.wheels is not None
        assert pinned.wheels["click"] == (f"click-{versions['click']}-py3-none-any.whl",)


def test_a_linters_options_are_no_part_of_the_declaration(locked: Locked, tmp_path: Path) -> None:
    """Changing [tool.ruff] reuses the layer; changing the lock does not."""
    app = copied(locked, tmp_path)
    manager = manager_named(locked.case.manager)
    before = manager.declaration(install_context(app, tmp_path / "a", locked.layers).project)
    write_app(app, {"ruff.toml": "line-length = 99\n"})
    if (app / "pyproject.toml").is_file():
        text = (app / "pyproject.toml").read_text(encoding="utf-8")
        write_app(app, {"pyproject.toml": f"{text}\n[tool.ruff]\nline-length = 99\n"})
    assert manager.declaration(install_context(app, tmp_path / "b", locked.layers).project) == before
    with (app / locked.case.lock).open("a", encoding="utf-8") as lock:
        lock.write("\n")
    assert manager.declaration(install_context(app, tmp_path / "c", locked.layers).project) != before


def test_a_lock_with_a_wrong_hash_is_refused(locked: Locked, tmp_path: Path) -> None:
    """Every downloaded file is checked against the lock."""
    app = copied(locked, tmp_path)
    lock = app / locked.case.lock
    text = lock.read_text(encoding="utf-8")
    # PDM's digest of pyproject.toml is of another kind: with that changed, the lock would be out of date.
    lines = (line if "content_hash" in line else reversed_digests(line) for line in text.splitlines())
    lock.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(PackageHashMismatch):
        install(locked.case.manager, app, tmp_path / "work", locked.layers)


OLDER_PDM_LOCK = f"""{older_pdm.LOCK}
[[package]]
name = "itsdangerous"
version = "2.1.2"
requires_python = ">=3.7"
summary = "Safely pass data to untrusted environments and back."
groups = ["default"]
files = [
    {{file = "itsdangerous-2.1.2-py3-none-any.whl", hash = "sha256:WHEEL"}},
    {{file = "itsdangerous-2.1.2.tar.gz", hash = "sha256:SDIST"}},
]
""".replace("WHEEL", "2c2349112351b88699d8d4b6b075022c0808887cb7ad10069318a8b0bc88db44").replace(
    "SDIST", "5dbbc68b317e5e42f327f9021763545dc3fc3bfe22e6deb96aaf1fc38874156a"
)
"""As PDM 2.12.4 wrote it for older_pdm.PROJECT, without the development group's package."""


@pytest.mark.parametrize("locked", [CASES[1]], indirect=True, ids=["pdm"])
def test_a_lock_that_an_older_pdm_still_accepts_is_installed(locked: Locked, tmp_path: Path) -> None:
    """PDM 2.16 and newer hash pyproject.toml in another way: that alone does not make a lock out of date."""
    app = write_app(tmp_path / "app", {"pyproject.toml": older_pdm.PROJECT, "pdm.lock": OLDER_PDM_LOCK})
    before = snapshot(app)
    done = install("pdm", app, tmp_path / "work", locked.layers)
    assert done.names == {"itsdangerous"}
    assert any("written by a PDM before 2.16" in line for line in done.log.said)
    assert snapshot(app) == before
    write_app(app, {"pyproject.toml": older_pdm.PROJECT.replace("2.1.2", "2.2.0")})
    with pytest.raises(LockOutOfDate):
        install("pdm", app, tmp_path / "again", locked.layers)
