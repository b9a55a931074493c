"""Which directories are Python apps, decided from names alone."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.known_files import KNOWN_FILES, MISSPELT, SCRIPT_METADATA, is_known
from python_buildpack.app.named_folder import named_by_others
from python_buildpack.detect import (
    ALSO_DECLARING,
    FORCING,
    OTHER_LANGUAGES,
    NotPython,
    Python,
    decide,
    read_names,
    scripts_with_metadata,
)


@pytest.mark.parametrize("name", [*(file.replace("*", "x") for file in KNOWN_FILES), *ALSO_DECLARING])
def test_a_file_that_only_python_apps_have_is_enough(name: str) -> None:
    """One declaring file makes a Python app, even beside a package.json."""
    assert decide(frozenset({name, "package.json"}), {}) == Python(f"found {name}")


@pytest.mark.parametrize(
    "name",
    [
        *("requirments.txt", "requirement.txt", "Requirements.txt", "requirements.text", "requirements-prod.txt"),
        *("requirements.in", "requirements", "pylock.prod.toml", ".python_version", "runtimes.txt", "pipfile"),
        *(letters for letters, meant in MISSPELT.items() if is_known(meant)),
    ],
)
def test_what_build_can_explain_is_taken(name: str) -> None:
    """Misspelt and unusual names pass detection, so that build can say what was meant."""
    assert decide(frozenset({name}), {}) == Python(f"found {name}")


@pytest.mark.parametrize("name", ["app.py", "main.py", "wsgi.py", "asgi.py", "server.py", "tool/__main__.py"])
def test_a_bare_script_is_an_app_when_nothing_else_is(name: str) -> None:
    """A script alone is an app."""
    assert decide(frozenset({name, "README.md"}), {}) == Python(f"found {name}")


@pytest.mark.parametrize("other", OTHER_LANGUAGES)
def test_a_bare_script_beside_another_language_is_a_helper(other: str) -> None:
    """A Node project with an app.py stays a Node project, and the reason names both files."""
    answer = decide(frozenset({"app.py", other}), {})
    assert isinstance(answer, NotPython)
    assert "app.py" in answer.because
    assert other in answer.because


@pytest.mark.parametrize("name", FORCING)
def test_our_settings_force_it(name: str) -> None:
    """Who sets one of our variables wants this buildpack."""
    assert decide(frozenset({"index.html"}), {name: "3.13"}) == Python(f"{name} is set")


@pytest.mark.parametrize(
    "names",
    [
        *(set(), {"README.md"}, {"package.json", "index.js"}, {"script.py"}, {"go.mod", "main.go"}),
        *({"Procfile.txt"}, {"procfile"}, {"request.js", "runner.go", "pipeline.yml"}),
    ],
)
def test_anything_else_is_not_ours(names: set[str]) -> None:
    """Directories without a sign of Python are left to other buildpacks."""
    assert isinstance(decide(frozenset(names), {}), NotPython)


@pytest.mark.parametrize(
    ("name", "folder", "is_python"),
    [
        ("PROJECT_PATH", "backend", True),
        ("APP_BASE", "./backend/", True),
        ("GOOGLE_BUILDABLE", "backend", True),
        ("PROJECT_PATH", "frontend", False),
        ("PROJECT_PATH", "absent", False),
        ("PROJECT_PATH", "../other", False),
    ],
)
def test_a_folder_that_another_builder_names_is_looked_into(
    name: str, folder: str, *, is_python: bool, tmp_path: Path
) -> None:
    """Apps of all languages have these variables, so they alone do not make an app Python's."""
    app = write_app(tmp_path / "app", {"backend/requirements.txt": "", "frontend/package.json": "{}"})
    write_app(tmp_path / "other", {"requirements.txt": ""})
    env = {name: folder}
    assert isinstance(decide(read_names(app / named_by_others(app, env)), env), Python) == is_python


def test_a_script_with_inline_metadata_is_an_app_under_any_name(tmp_path: Path) -> None:
    """PEP 723; beside the files of another language it may be a helper, and a link is not followed."""
    files = {
        "tool.py": f"#!/usr/bin/env python3\n{SCRIPT_METADATA}\n# dependencies = []\n# ///\n",
        "plain.py": "x = 1\n",
    }
    write_app(tmp_path, files)
    (tmp_path / "link.py").symlink_to("/dev/zero")
    names = read_names(tmp_path)
    assert list(scripts_with_metadata(tmp_path, names)) == ["tool.py"]
    assert decide(names, {}, scripts_with_metadata(tmp_path, names)) == Python("found tool.py")
    assert isinstance(decide(names | {"package.json"}, {}, ["tool.py"]), NotPython)
