"""What can be known before anything is downloaded is said before, and all of it at once."""

import io
from datetime import date
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from devkit.recipes import recipe_of
from python_buildpack.ports.reporter import TextReporter

TODAY = date(2026, 11, 22)
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
APP = {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, files: dict[str, str], env: dict[str, str] | None = None) -> BuildpackError:
    with pytest.raises(BuildpackError) as caught:
        recipe_of(write(folder, files), env or {}, "amd64", TODAY)
    return caught.value


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("flask=3.1.3", "has one ="),
        ("flask\ufeff==3.1.3", "byte order mark (U+FEFF)"),
        ("flask\u200b==3.1.3", "zero-width space"),
        ("flask; python_version >= \u201c3.9\u201d", "left double quotation mark"),
        ("<<<<<<< HEAD", "a mark of a conflict"),
        ("flask==3.1.3\nFlask==3.0.0", "pins flask to another version"),
    ],
)
def test_a_line_that_no_installer_takes(tmp_path: Path, line: str, words: str) -> None:
    """With its file and number."""
    error = refused(tmp_path, {**APP, "requirements.txt": f"gunicorn\n{line}\n"})
    assert words in error.what
    assert "requirements.txt, line 2" in error.what


@pytest.mark.parametrize(
    "text",
    [
        "flask==3.1.3\nflask==3.1.3.0\n",
        "torch==2.0\ntorch==2.0+cpu\n",
        "flask==3; python_version<'3'\nflask==2; python_version>='3'\n",
        "flask  # \u201cweb\u201d\n",
        "--index-url https://example.com/a=b\nflask\n",
        "flask @ https://example.com/flask-1=2.whl\n",
        "flask===3.1.3\n",
        "flask\u00a0==3.1.3\n",
        "flask ;\u00a0python_version > '3'\n",
        "flask; platform_version != '\u201c'\n",
        "--find-links ./wheels \u2013 old\nflask\n",
        "flask @ https://example.com/a\u2013b.tar.gz\n",
        "-c old.txt\n-c new.txt\nflask\n",
    ],
)
def test_a_line_that_an_installer_takes_is_left_to_it(tmp_path: Path, text: str) -> None:
    """Comments, local versions, markers, options, addresses, and constraints of what nothing requires."""
    constraints = {"old.txt": "numpy==1.0\n", "new.txt": "numpy==2.0\n"}
    assert recipe_of(write(tmp_path, {**APP, **constraints, "requirements.txt": text}), {}, "amd64", TODAY).processes


def test_a_pin_that_a_constraint_contradicts(tmp_path: Path) -> None:
    """Whichever of the two is read first."""
    files = {**APP, "requirements.txt": "-c old.txt\nflask==3.1.3\n", "old.txt": "flask==2.0\n"}
    assert (
        "old.txt, line 1, pins flask to another version than requirements.txt, line 2" in refused(tmp_path, files).what
    )


def test_the_end_of_a_python_is_said_before_it_comes(tmp_path: Path) -> None:
    """With its date, half a year before; not earlier."""
    write(tmp_path, {**APP, ".python-version": "3.11\n"})
    titles = [
        [notice.title for notice in recipe_of(tmp_path, {}, "amd64", day).notices if "security fixes" in notice.title]
        for day in (date(2027, 4, 1), date(2027, 6, 1), date(2027, 11, 1))
    ]
    assert titles == [
        [],
        ["Python 3.11 gets security fixes until 2027-10-31 only"],
        ["Python 3.11 no longer gets security fixes"],
    ]


def test_several_errors_are_shown_at_once(tmp_path: Path) -> None:
    """A Procfile, a version and a requirement that are wrong; each with its cure, and none twice."""
    files = {**APP, "Procfile": "web gunicorn app:app\n", ".python-version": "latest\n", "requirements.txt": "a=1\n"}
    error = refused(tmp_path, files)
    stream = io.StringIO()
    TextReporter(stream).failure(error)
    codes = [line.removeprefix("error: ") for line in stream.getvalue().splitlines() if line.startswith("error: ")]
    assert codes == ["python-version-invalid", "procfile-invalid", "requirements-invalid"]


def test_what_a_hook_may_still_write_is_left_to_later(tmp_path: Path) -> None:
    """bin/pre_compile may write the lines anew."""
    hook = {"bin/pre_compile": "#!/bin/sh\n", "requirements.txt": "flask=3\n", "app.py": FLASK}
    assert recipe_of(write(tmp_path, hook), {}, "amd64", TODAY).manager.name == "requirements.txt"


@pytest.mark.parametrize(
    ("more", "file"),
    [
        ({"app.py": f"{FLASK}def f(:\n"}, "app.py, line 3, column 7"),
        ({"app.py": "print 'x'\n"}, "app.py, line 1"),
        (
            {"Procfile": "web: gunicorn shop.api2:app\n", "shop/api2.py": f"{FLASK}x = (\n"},
            "shop/api2.py, line 3",
        ),
        ({"Procfile": "web: python tool.py\n", "tool.py": "if True:\nx = 1\n"}, "tool.py, line 2"),
    ],
)
def test_the_module_that_would_be_served_has_a_syntax_error(tmp_path: Path, more: dict[str, str], file: str) -> None:
    """The file, the line; where our own Python knows all of the app's syntax, before anything is downloaded."""
    error = refused(tmp_path, {**APP, **more, ".python-version": "3.11\n"})
    assert error.code == "source-invalid"
    assert f" cannot be parsed: {file}" in error.what
    # What a newer Python thinks of it is asked in the build.
    (tmp_path / ".python-version").write_text("3.13\n")
    assert recipe_of(tmp_path, {}, "amd64", TODAY).processes


def test_a_file_that_nothing_starts_is_no_error(tmp_path: Path) -> None:
    """Old scripts and tests are warned of, no more."""
    files = {**APP, ".python-version": "3.11\n", "old.py": "print 'x'\n", "tests/app.py": "print 'x'\n"}
    assert recipe_of(write(tmp_path, files), {}, "amd64", TODAY).processes


def test_what_is_too_deep_for_our_own_parser_is_no_error(tmp_path: Path) -> None:
    """Another Python may have other limits."""
    deep = f"{FLASK}x = {'+'.join(['1'] * 6000)}\n"
    files = {**APP, ".python-version": "3.11\n", "Procfile": "web: gunicorn app:app\n", "app.py": deep}
    assert recipe_of(write(tmp_path, files), {}, "amd64", TODAY).processes


def test_an_app_without_declared_dependencies_gets_a_checklist(tmp_path: Path) -> None:
    """Of the files that are there, with what leaves the declaration out, and what to write."""
    files = {"app.py": "import cv2\nimport json\nimport shop\nfrom flask import Flask\n", "shop/__init__.py": ""}
    recipe = recipe_of(write(tmp_path, {**files, ".gitignore": "*.pyc\nrequirements.txt\n"}), {}, "amd64", TODAY)
    (notice,) = [one for one in recipe.notices if one.title.startswith("The app declares no dependencies")]
    assert "which has app.py, shop/" in notice.text
    assert ".gitignore, line 2, has requirements.txt" in notice.text
    assert notice.text.endswith("\n    flask\n    opencv-python-headless")


def test_an_app_of_the_standard_library_gets_none(tmp_path: Path) -> None:
    """Its own modules and Python's need no declaration."""
    own = {"helper.py": "", "src/src_lib/__init__.py": ""}
    files = {"app.py": "import json\nimport helper\nfrom src_lib import x\n", **own}
    recipe = recipe_of(write(tmp_path, files), {}, "amd64", TODAY)
    assert not [one for one in recipe.notices if "declares no dependencies" in one.title]


PROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = ["flask"]\n'
LOCKED = {"pyproject.toml": PROJECT, ".python-version": "3.12\n"}
SCRIPT = "# /// script\n# requires-python = '>=3.13'\n# dependencies = ['flask']\n# ///\nimport flask\n"
SETUP = "from setuptools import setup\nsetup(name='shop', python_requires='>=3.13')\n"


@pytest.mark.parametrize(
    "files",
    [
        LOCKED,
        {**LOCKED, "uv.lock": 'version = 1\nrequires-python = ">=3.13"\n'},
        {**LOCKED, "poetry.lock": '[metadata]\nlock-version = "2.1"\n'},
        {**LOCKED, "pdm.lock": '[metadata]\nlock_version = "4.5.0"\n'},
        {"main.py": SCRIPT, ".python-version": "3.12\n"},
        {"setup.py": SETUP, ".python-version": "3.12\n"},
    ],
    ids=["pyproject.toml", "uv", "poetry", "pdm", "script", "setup.py"],
)
def test_a_python_that_the_project_does_not_allow(tmp_path: Path, files: dict[str, str]) -> None:
    """Before it is downloaded, with the reason for that version."""
    error = refused(tmp_path, files)
    assert error.code == "python-not-allowed"
    assert "but the build uses Python 3.12." in error.what
    assert ", because .python-version, line 1 asks for 3.12." in error.what


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "six\nflask @ https://${SHOP_TOKEN}@example.com/flask-1-py3-none-any.whl\n"},
        {"Pipfile": '[packages]\nsix = "*"\nflask = {file = "https://${SHOP_TOKEN}@example.com/flask-1.tar.gz"}\n'},
    ],
    ids=["requirements.txt", "Pipfile"],
)
def test_a_variable_that_a_requirement_needs(tmp_path: Path, files: dict[str, str]) -> None:
    """With its place; a build that has it goes on."""
    error = refused(tmp_path, files)
    assert error.code == "variable-unset"
    assert "SHOP_TOKEN" in error.what
    assert "line " in error.what
    recipe_of(tmp_path, {"SHOP_TOKEN": "x"}, "amd64", TODAY)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"requirements.txt": "flask\n"}, "requirements.txt"),
        ({"pyproject.toml": PROJECT}, "pyproject.toml"),
        ({"Pipfile": '[packages]\nsix = "*"\n'}, "Pipfile"),
        ({"main.py": SCRIPT}, "main.py"),
        ({"setup.py": SETUP}, "setup.py"),
    ],
)
def test_hashes_that_are_required_and_not_there(tmp_path: Path, files: dict[str, str], named: str) -> None:
    """Where there is no lock, no index is asked for the versions."""
    error = refused(tmp_path, files, {"BP_PYTHON_REQUIRE_HASHES": "true"})
    assert error.code == "hashes-required"
    assert named in error.what


def test_a_hook_may_still_write_what_is_missing(tmp_path: Path) -> None:
    """Then the step that reads the files refuses them."""
    recipe_of(write(tmp_path, {**LOCKED, "bin/pre_compile": "#!/bin/sh\n"}), {}, "amd64", TODAY)


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "--extra-index-url http://index.example/simple\nflask\n"},
        {"Pipfile": '[[source]]\nname = "a"\nurl = "http://index.example/simple"\n[packages]\nflask = "*"\n'},
        {"pyproject.toml": f'{PROJECT}[[tool.uv.index]]\nname = "a"\nurl = "http://index.example/simple"\n'},
        {"pyproject.toml": f'{PROJECT}[[tool.pdm.source]]\nname = "a"\nurl = "http://index.example/simple"\n'},
        {"pyproject.toml": f'{PROJECT}[[tool.poetry.source]]\nname = "a"\nurl = "http://index.example/simple"\n'},
    ],
)
def test_an_index_over_http(tmp_path: Path, files: dict[str, str]) -> None:
    """Nothing is downloaded before, and a host that the user trusts is none."""
    found = refused(tmp_path / "1", files)
    assert (found.code, "http://index.example" in found.what) == ("plain-http-refused", True)
    recipe_of(tmp_path / "1", {"PIP_TRUSTED_HOST": "index.example"}, "amd64", TODAY)


BACKEND = '[build-system]\nrequires = ["x"]\nbuild-backend = "{}"\n[project]\nname = "shop"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (BACKEND.format("hatchling.build") + 'readme = "README.md"\n', "README.md"),
        (BACKEND.format("flit_core.buildapi") + 'readme = {file = "docs/README.rst"}\n', "docs/README.rst"),
        (BACKEND.format("uv_build") + 'license = {file = "LICENCE"}\n', "LICENCE"),
    ],
)
def test_a_readme_or_a_licence_that_is_not_there(tmp_path: Path, text: str, file: str) -> None:
    """The build backend would refuse the project, after the download of Python and of packages."""
    found = refused(tmp_path / "1", {"pyproject.toml": text})
    assert (found.code, f"names {file} as" in found.what) == ("project-file-missing", True)
    for number, files in enumerate(({file: ""}, {"bin/pre_compile": ""}, {"requirements.txt": ""}), 2):
        recipe_of(write(tmp_path / str(number), {"pyproject.toml": text, **files}), {}, "amd64", TODAY)
    lenient = text.replace("hatchling.build", "setuptools.build_meta")
    if lenient != text:
        recipe_of(write(tmp_path / "5", {"pyproject.toml": lenient}), {}, "amd64", TODAY)
