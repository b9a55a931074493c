"""The Python of an app whose own files import what newer Pythons no longer have."""

from datetime import date
from pathlib import Path

import pytest

from devkit.recipes import recipe_of
from python_buildpack.decide.recipe import Recipe
from python_buildpack.decide.recipe_text import recipe_lines
from python_buildpack.installed.imports.stdlib_modules import LOST

TODAY = date(2026, 11, 22)

WEB = "from flask import Flask\napp = Flask(__name__)\n"


def recipe(folder: Path, **files: str) -> Recipe:
    for name, text in {"requirements__txt": "flask\ngunicorn\n", **files}.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return recipe_of(folder, {}, "amd64", TODAY)


def below(version: str) -> str:
    return f"3.{int(version.partition('.')[2]) - 1}"


@pytest.mark.parametrize("module", ["imp", "cgi", "asyncore"])
def test_an_unpinned_app_gets_the_newest_python_with_what_it_imports(tmp_path: Path, module: str) -> None:
    """Also where a module that it imports does so; nothing more is said of the import."""
    for files in (
        {"app__py": f"import {module}\n{WEB}"},
        {"app__py": f"import old\n{WEB}", "old__py": f"import {module}\n"},
    ):
        found = recipe(tmp_path, **files)
        assert found.python.interpreter.minor == below(LOST[module])
        assert f"imports {module}, which Python {LOST[module]} no longer has" in found.python.because
        assert "which is not there" not in "\n".join(recipe_lines(found))


@pytest.mark.parametrize(
    "files",
    [
        {"app__py": WEB, "convert__py": "import imp\n"},
        {"app__py": f"try:\n    import imp\nexcept ImportError:\n    imp = None\n{WEB}"},
        {"app__py": f"import distutils\n{WEB}", "requirements__txt": "flask\ngunicorn\nsetuptools\n"},
        {"app__py": f"import imp\n{WEB}", "imp__py": ""},
    ],
)
def test_what_does_not_certainly_fail_at_the_start_decides_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    """A file with which nothing starts, a guarded import, a substitute, a module of the app's own."""
    assert recipe(tmp_path, **files).python.origin == "default"


def test_a_python_that_is_named_stays(tmp_path: Path) -> None:
    """What is missing on it is said."""
    found = recipe(tmp_path, app__py=f"import imp\n{WEB}", **{"__python-version": "3.13\n"})
    assert found.python.interpreter.minor == "3.13"
    assert "app.py imports imp, which is not there" in "\n".join(recipe_lines(found))


def test_a_range_is_kept(tmp_path: Path) -> None:
    """The newest Python of the range that has the name; none, and the import is warned of."""
    source = f"from collections import (\n    Mapping,\n)\n{WEB}"
    project = "[project]\nname = 'x'\nversion = '1'\ndependencies = ['flask', 'gunicorn']\nrequires-python = '{}'\n"
    found = recipe(tmp_path, app__py=source, requirements__txt="flask\n", pyproject__toml=project.format(">=3.9"))
    assert found.python.interpreter.minor == "3.9"
    found = recipe(tmp_path, app__py=source, requirements__txt="flask\n", pyproject__toml=project.format(">=3.11"))
    assert found.python.origin == "declared"
    assert "app.py imports collections.Mapping, which is not there" in "\n".join(recipe_lines(found))
