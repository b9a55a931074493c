"""A package manager and a version source are each one new file and one entry of a registry.

Two made-up ones are added to a copy of the checkout, ``./dev refresh docs`` is run there, and nothing else is changed.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from built_apps import one_line
from copied_checkout import CopiedCheckout, copy_checkout
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built
from devkit.mirror.make import make_mirror
from devkit.paths import kept

MANAGER = '''\
"""wishes.made-up: a list of wishes, none of which is fulfilled."""

from typing import ClassVar

from python_buildpack.app.project import Project
from python_buildpack.package_managers.nothing import Nothing


class MadeUp(Nothing):
    """A manager that installs nothing."""

    name: ClassVar[str] = "made-up"
    files: ClassVar[tuple[str, ...]] = ("wishes.made-up",)

    def find(self, project: Project) -> str | None:
        return next((file for file in self.files if project.has(file)), None)

    def declaration(self, project: Project) -> str:
        return project.text(self.files[0]) or ""
'''
SOURCE = '''\
"""version.made-up: the version, and nothing else."""

from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.settings.values import Settings

FILE = "version.made-up"


def read(project: Project, settings: Settings) -> Declaration | None:
    text = project.text(FILE)
    return Declaration(parse_version_request(text.strip(), FILE), FILE) if text else None


MADE_UP = VersionSource(read, (FILE,))
'''


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> CopiedCheckout:
    """Return a copy of the checkout with both newcomers, refreshed."""
    copy = copy_checkout(tmp_path_factory.mktemp("newcomers") / "checkout")
    for package, begins, text, name, entry in (
        ("package_managers", "MANAGERS: tuple[Manager, ...] = (", MANAGER, "MadeUp", "MadeUp()"),
        ("decide/version_sources", "VERSION_SOURCES: tuple[VersionSource, ...] = (", SOURCE, "MADE_UP", "MADE_UP"),
    ):
        folder = f"src/python_buildpack/{package}"
        (copy.root / folder / "made_up.py").write_text(text, encoding="utf-8")
        imported = f"from python_buildpack.{package.replace('/', '.')}.made_up import {name}"
        copy.add_to_registry(f"{folder}/registry.py", begins, imported, entry)
    copy.run("-m", "devkit", "refresh", "docs")
    return copy


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app that only the newcomers know."""
    path = tmp_path / "app"
    path.mkdir()
    (path / "wishes.made-up").write_text("a pony\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["wishes.made-up", "version.made-up"])
def test_each_makes_a_python_app(checkout: CopiedCheckout, tmp_path: Path, name: str) -> None:
    """bin/detect passes: the shell lets the file through, and Python takes it."""
    app = tmp_path / "app"
    app.mkdir()
    (app / name).touch()
    (tmp_path / "platform").mkdir()
    plan = tmp_path / "plan.toml"
    plan.touch()
    variables = {
        "PATH": os.environ["PATH"],
        "CNB_BUILDPACK_DIR": str(checkout.root),
        "CNB_PLATFORM_DIR": str(tmp_path / "platform"),
        "CNB_BUILD_PLAN_PATH": str(plan),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
    }
    argv = [checkout.root / "bin" / "detect"]
    finished = subprocess.run(argv, cwd=app, env=variables, check=False, capture_output=True, text=True)
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "site-packages" in plan.read_text(encoding="utf-8")


def test_the_scan_reads_its_file(checkout: CopiedCheckout, app: Path) -> None:
    """It counts as a manifest, and the search for credentials looks into it."""
    (app / "wishes.made-up").write_text("https://user:p4-value@host/pony\n", encoding="utf-8")
    program = (
        "import sys, pathlib\n"
        "from python_buildpack.app.project import scan\n"
        "from python_buildpack.app.known_files import KNOWN_FILES\n"
        "from python_buildpack.secrets.credentials import credentials_in_files\n"
        "app = pathlib.Path(sys.argv[1])\n"
        "print(*scan(app).texts, *credentials_in_files(app, {}, KNOWN_FILES))\n"
    )
    assert checkout.run("-c", program, str(app)) == "wishes.made-up p4-value\n"


def test_it_is_decided_and_explained(checkout: CopiedCheckout, app: Path) -> None:
    """The recipe names both with their files; chosen by its name, it is found as well."""
    (app / "version.made-up").write_text("3.12\n", encoding="utf-8")
    (app / "requirements.txt").write_text("tabulate\n", encoding="utf-8")
    recipe = json.loads(checkout.run("-m", "devkit", "explain", str(app), "--json"))
    assert recipe["manager"] == {
        "name": "made-up",
        "file": "wishes.made-up",
        "because": "the app has wishes.made-up",
    }
    assert recipe["python"]["because"].startswith("version.made-up asks for 3.12")
    (notice,) = (notice for notice in recipe["notices"] if "two package managers" in notice["title"])
    assert "BP_PYTHON_PACKAGE_MANAGER to made-up or requirements.txt" in notice["text"]


def test_an_app_with_its_declaration_in_a_folder_is_noticed(checkout: CopiedCheckout, tmp_path: Path) -> None:
    """What is said of a pyproject.toml in a folder is said of it, too."""
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "wishes.made-up").touch()
    assert "though there is backend/wishes.made-up" in checkout.run("-m", "devkit", "explain", str(tmp_path))


def test_it_is_built(checkout: CopiedCheckout, app: Path, tmp_path: Path) -> None:
    """A build with the copy as the buildpack goes by both, and the app runs."""
    source = Source(make_mirror(kept() / "mirror").inventory, is_upstream=False)
    (app / "version.made-up").write_text(f"{source.read().default}\n", encoding="utf-8")
    (app / "main.py").write_text("print('no pony')\n", encoding="utf-8")
    env = {"BP_PYTHON_INVENTORY": str(source.inventory)}
    result = build(Request((checkout.root,), app, tmp_path / "state", env=env))
    assert isinstance(result, Built)
    assert "made-up, because the app has wishes.made-up" in one_line(result.log)
    assert f"because version.made-up asks for {source.read().default}" in one_line(result.log)


def test_it_is_listed_in_the_docs(checkout: CopiedCheckout) -> None:
    """docs/detection.md has both where they stand in their registries, and their files."""
    text = (checkout.root / "docs" / "detection.md").read_text(encoding="utf-8")
    assert "1. **made-up**: wishes.made-up: a list of wishes, none of which is fulfilled." in text
    assert "1. version.made-up: the version, and nothing else." in text
    assert "it has one of the files `wishes.made-up`" in text
