"""Labels: what pyproject.toml says, what BP_OCI_* say instead, and nothing made up."""

from pathlib import Path

import pytest
from packaging.version import Version

from python_buildpack.app.project import Project
from python_buildpack.app.texts import Unreadable
from python_buildpack.decide.labels import OUR_PREFIX, decide_labels
from python_buildpack.decide.processes.frameworks.registry import WEB_FRAMEWORKS
from python_buildpack.decide.recipe import ManagerChoice, PythonChoice, Recipe
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.settings.table import OCI_LABELS
from python_buildpack.settings.values import Settings

RECIPE = Recipe(
    PythonChoice(
        Interpreter(Version("3.13.2"), "20261110", "linux", "amd64", "gnu", "default", "", ""), "", "declared"
    ),
    ManagerChoice("uv", "", "uv.lock"),
)
OURS = {"version": "3.13.2", "build": "20261110", "package-manager": "uv"}
PYPROJECT = """
[project]
name = "shop"
version = "1.4"
description = '''Sells
  things'''
license = "MIT"
authors = [{name = "Ann", email = "ann@example.org"}, {name = "Bob"}, {email = "c@example.org"}, {}]
[project.urls]
"Home-Page" = "https://example.org"
Repository = "https://token@example.org/shop.git"
Changelog = "https://example.org/changes"
[tool.poetry]
documentation = "https://example.org/docs"
name = "old name"
"""
EXPECTED = {
    "title": "shop",
    "version": "1.4",
    "description": "Sells things",
    "licenses": "MIT",
    "authors": "Ann <ann@example.org>, Bob, c@example.org",
    "url": "https://example.org",
    "source": "https://****@example.org/shop.git",
    "documentation": "https://example.org/docs",
}


def labels(text: str | Unreadable | None, env: dict[str, str] | None = None, *installed: str) -> dict[str, str]:
    """Return the labels for a pyproject.toml, OCI's without their prefix."""
    project = Project(Path("/app"), texts={} if text is None else {"pyproject.toml": text})
    found = decide_labels(project, Settings(env or {}), RECIPE, InstalledDistributions.declared(installed))
    assert [label.key for label in found] == sorted(label.key for label in found)
    return {label.key.removeprefix("org.opencontainers.image."): label.value for label in found}


def ours(**more: str) -> dict[str, str]:
    """Return the labels that every image has, and more."""
    return {f"{OUR_PREFIX}{key}": value for key, value in (OURS | more).items()}


def test_pyproject_describes_the_image() -> None:
    """[project] first, [tool.poetry] for what it lacks; on one line, and without credentials."""
    assert labels(PYPROJECT) == EXPECTED | ours()


def test_settings_go_before_pyproject() -> None:
    """Paketo's names, all twelve."""
    env = {setting.name: f"given {name}" for name, setting in OCI_LABELS.items()}
    assert labels(PYPROJECT, env) == {name: f"given {name}" for name in OCI_LABELS} | ours()
    assert {"BP_OCI_TITLE", "BP_OCI_REF_NAME", "BP_OCI_LICENSES"} <= env.keys()


def test_a_given_value_is_cleaned() -> None:
    """A CI job's clone URL often has its token in it, and a variable from a file its newline."""
    given = labels(None, {"BP_OCI_SOURCE": "https://ci:s3cret@example.org/a\n", "BP_OCI_TITLE": " "})
    assert given == {"source": "https://****@example.org/a"} | ours()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "not toml [",
        Unreadable("is a directory", "Remove it."),
        "project = 1\ntool = 2",
        "[project]\nname = 1\nlicense = {file = 'LICENSE'}\nauthors = [1, {name = 2}]\nurls = 3\nversion = ''",
        "[project]\nurls = {homepage = 4}\nauthors = 'me'",
    ],
)
def test_what_nobody_says_has_no_label(text: str | Unreadable | None) -> None:
    """A missing, broken or odd pyproject.toml costs labels and nothing else."""
    assert labels(text) == ours()


def test_a_label_is_never_long() -> None:
    """Labels travel with every manifest."""
    assert len(labels(f"[project]\ndescription = '{'x' * 5000}'")["description"]) == 1000


def test_the_framework_is_the_outermost_one() -> None:
    """FastAPI brings Starlette, Dash brings Flask."""
    assert labels(None, None, "starlette", "fastapi", "click") == ours(framework="fastapi")
    assert labels(None, None, "flask", "dash") == ours(framework="dash")
    assert labels(None, None, "click") == ours()


def test_every_web_framework_has_a_label_of_its_own() -> None:
    """Each is known by its first distribution when nothing else is installed, and no two share a label."""
    found = {kind.name: labels(None, None, kind.distributions[0]) for kind in WEB_FRAMEWORKS}

    assert found == {kind.name: ours(framework=kind.name.lower()) for kind in WEB_FRAMEWORKS}
    assert len({kind.name.lower() for kind in WEB_FRAMEWORKS}) == len(WEB_FRAMEWORKS)
