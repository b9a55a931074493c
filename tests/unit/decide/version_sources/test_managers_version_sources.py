"""Where managers' files name a Python version: Pipfile, Poetry, locks; and Poetry's notation in PEP 440's words."""

import re
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from cnb.errors import BuildpackError
from manager_context import write_app
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import scan
from python_buildpack.decide.version_sources.interface import Declaration
from python_buildpack.decide.version_sources.registry import VERSION_SOURCES
from python_buildpack.interpreters.inventory import Interpreter, Inventory
from python_buildpack.interpreters.request import PythonVersionInvalid
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.package_managers.poetry_constraints import NotAConstraint, parse_constraint
from python_buildpack.settings.values import Settings

INVENTORY = Inventory(
    "3.9", (Interpreter(Version("3.9.1"), "1", "linux", "amd64", "gnu", "default", "https://host/x", "0" * 64),)
)
POETRY = '[tool.poetry.dependencies]\npython = "{}"\n'


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("^3.11", ">=3.11,<4"),
        ("^3.11.2", ">=3.11.2,<4"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~3.11", ">=3.11,<3.12"),
        ("~3.11.2", ">=3.11.2,<3.12"),
        ("~3", ">=3,<4"),
        ("~=3.11", "~=3.11"),
        ("3.11.*", "==3.11.*"),
        ("3.11.2", "==3.11.2"),
        ("=3.11.2", "==3.11.2"),
        ("*", ""),
        (">=3.9,<3.13", ">=3.9,<3.13"),
        (">=3.9 <3.13", ">=3.9,<3.13"),
        (">= 3.9, < 3.13", ">=3.9,<3.13"),
        ("^3.9, !=3.10.1", ">=3.9,<4,!=3.10.1"),
        ("~2.7 || ^3.6", ">=2.7,<2.8 or >=3.6,<4"),
        ("^3.9 || >=4.2", ">=3.9,<4 or >=4.2"),
        ("3.9.* | 3.11.*", "==3.9.* or ==3.11.*"),
        (">=3.9,<3.10||3.12.4||~3.13", ">=3.9,<3.10 or ==3.12.4 or >=3.13,<3.14"),
    ],
)
def test_a_constraint_of_poetrys_means_the_same_in_pep_440(text: str, meaning: str) -> None:
    """Caret, tilde, wildcards, comma or space for "and", and all the alternatives."""
    assert parse_constraint(text) == tuple(SpecifierSet(part) for part in meaning.split(" or "))


@pytest.mark.parametrize(
    "text", ["", "three", "^", "^x", ">=3.9 and <4", "^3.9,,", "3.9.*.*", "^3.9 ||", "|| 3.9", "^3.9 || x"]
)
def test_what_is_no_constraint_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotAConstraint):
        parse_constraint(text)


def declared(folder: Path, files: dict[str, str]) -> list[Declaration]:
    project = scan(write_app(folder, files))
    found = (source.read(project, Settings({})) for source in VERSION_SOURCES)
    return [declaration for declaration in found if declaration is not None]


@pytest.mark.parametrize(
    ("files", "text", "origin"),
    [
        ({"Pipfile": '[requires]\npython_version = "3.11"\n'}, "3.11", "Pipfile (python_version)"),
        (
            {"Pipfile": '[requires]\npython_version = "3.11"\npython_full_version = "3.11.4"\n'},
            "3.11.4",
            "Pipfile (python_full_version)",
        ),
        (
            {"Pipfile.lock": '{"_meta": {"requires": {"python_version": "3.12"}}}'},
            "3.12",
            "Pipfile.lock (python_version)",
        ),
        ({"pyproject.toml": POETRY.format("^3.11")}, "^3.11", "pyproject.toml (python in tool.poetry.dependencies)"),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = {version = "~3.11"}\n'},
            "~3.11",
            "pyproject.toml (python in tool.poetry.dependencies)",
        ),
        (
            {"uv.lock": 'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\n'},
            ">=3.11",
            "uv.lock (requires-python)",
        ),
        (
            {"poetry.lock": '[[package]]\nname = "a"\n\n[metadata]\npython-versions = "^3.10"\n'},
            "^3.10",
            "poetry.lock (python-versions)",
        ),
        (
            {"pdm.lock": '[metadata]\n\n[[metadata.targets]]\nrequires_python = "~=3.11"\n\n[[package]]\n'},
            "~=3.11",
            "pdm.lock (requires_python)",
        ),
        ({"pylock.toml": 'requires-python = ">=3.12"\n'}, ">=3.12", "pylock.toml (requires-python)"),
    ],
)
def test_each_place_is_read_and_named(tmp_path: Path, files: dict[str, str], text: str, origin: str) -> None:
    """What the user wrote stands in the log, with the place where it stands."""
    (declaration,) = declared(tmp_path, files)
    assert (declaration.request.text, declaration.origin) == (text, origin)


@pytest.mark.parametrize(
    ("file", "text", "cure"),
    [
        (
            "Pipfile.lock",
            '{"_meta": {"requires": {"python_version": "3.7"}}}',
            "Write 3.9 in Pipfile (python_version), or another of these. Then run pipenv lock.",
        ),
        (
            "uv.lock",
            'requires-python = "==3.7.*"\n',
            "Widen the range in pyproject.toml (requires-python) so that it allows one of these. Then run uv lock.",
        ),
        (
            "poetry.lock",
            '[[package]]\n\n[metadata]\npython-versions = "~3.7"\n',
            "Widen the range in pyproject.toml (python) so that it allows one of these. Then run poetry lock.",
        ),
        (
            "pdm.lock",
            '[metadata]\n[[metadata.targets]]\nrequires_python = "~=3.7.0"\n',
            "Widen the range in pyproject.toml (requires-python) so that it allows one of these. Then run pdm lock.",
        ),
        (
            "pylock.toml",
            'requires-python = "<3.8"\n',
            "Widen the range in pyproject.toml (requires-python) so that it allows one of these. "
            "Then run the tool that makes the lock.",
        ),
    ],
)
def test_nobody_is_told_to_write_a_version_into_a_lock(tmp_path: Path, file: str, text: str, cure: str) -> None:
    """A tool copied it there: a change in the lock alone is refused as out of date, or undone by the next lock."""
    (declaration,) = declared(tmp_path, {file: text})
    with pytest.raises(BuildpackError, match=re.escape(file)) as caught:
        resolve(declaration.request, INVENTORY, "amd64")
    assert caught.value.cure == cure


@pytest.mark.parametrize(
    "files",
    [
        {"Pipfile": '[requires]\npython_version = "*"\n[packages]\n'},
        {"Pipfile": "[packages]\n"},
        {"Pipfile.lock": "{}"},
        {"pyproject.toml": "[tool.poetry]\n"},
        {"pdm.lock": "".join(f"[[metadata.targets]]\nrequires_python = '3.{minor}'\n" for minor in (11, 12))},
        {"uv.lock": ""},
        {"poetry.lock": ""},
    ],
)
def test_a_place_that_says_nothing_is_silent(tmp_path: Path, files: dict[str, str]) -> None:
    """Then the next place is asked."""
    assert declared(tmp_path, files) == []


def test_the_order_of_the_places(tmp_path: Path) -> None:
    """The lock of Pipenv before its Pipfile, both before pyproject.toml, and other locks last."""
    files = {
        "uv.lock": 'requires-python = ">=3.9"\n',
        "pyproject.toml": '[project]\nrequires-python = ">=3.10"\n' + POETRY.format("^3.11"),
        "Pipfile": '[requires]\npython_version = "3.12"\n',
        "Pipfile.lock": '{"_meta": {"requires": {"python_version": "3.13"}}}',
        "runtime.txt": "python-3.14\n",
    }
    texts = [declaration.request.text for declaration in declared(tmp_path, files)]
    assert texts == ["python-3.14", "3.13", "3.12", ">=3.10", "^3.11", ">=3.9"]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"pyproject.toml": POETRY.format("three")}, PythonVersionInvalid),
        ({"Pipfile": "[requires]\npython_version = 3.1\n"}, ProjectFileInvalid),
        ({"Pipfile.lock": "<<<<<<< HEAD\n"}, ProjectFileInvalid),
        ({"uv.lock": "<<<<<<< HEAD\n"}, ProjectFileInvalid),
        ({"pylock.toml": 'requires-python = "three"\n'}, PythonVersionInvalid),
    ],
)
def test_a_slip_names_its_file(tmp_path: Path, files: dict[str, str], error: type[Exception]) -> None:
    """Merge conflicts in locks among them."""
    with pytest.raises(error, match=next(iter(files))):
        declared(tmp_path, files)


@pytest.mark.parametrize(
    ("name", "text", "origin"),
    [
        ("setup.py", "setup(python_requires='>=3.8,<3.13')", "setup.py (python_requires)"),
        ("setup.cfg", "[options]\npython_requires = ~=3.11.0\n", "setup.cfg (python_requires)"),
        ("setup.py", "setup(python_requires='>=3.6')", None),
        ("setup.py", "setup(python_requires='>=3.6.*,<4')", None),
        ("setup.py", "setup(python_requires='>=3.6,<4')", None),
        ("setup.py", "setup(python_requires='>=3.6,<3.13') # caf\udce9", None),
        ("setup.py", "setup(name='x')", None),
    ],
)
def test_python_requires_of_setuptools_counts_where_it_has_an_end(
    tmp_path: Path, name: str, text: str, origin: str | None
) -> None:
    """A lower bound alone, or <4, leaves it to the default and to old pins; what is malformed, to setuptools."""
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    project = scan(tmp_path)
    found = [made for source in VERSION_SOURCES if (made := source.read(project, Settings({}))) is not None]
    assert [made.origin for made in found] == ([origin] if origin else [])


@pytest.mark.parametrize(
    ("files", "text", "origin"),
    [
        ({".tool-versions": "nodejs 20\npython 3.12.4 # ours\n"}, "3.12.4", ".tool-versions, line 2"),
        ({".tool-versions": "python latest:3.12\n"}, "3.12", ".tool-versions, line 1"),
        ({"mise.toml": '[tools]\npython = "3.12"\n'}, "3.12", "mise.toml (python)"),
        ({".mise.toml": '[tools]\npython = ["3.12", "3.11"]\n'}, "3.12", ".mise.toml (python)"),
        (
            {".config/mise/config.toml": '[tools.python]\nversion = "3.12"\n'},
            "3.12",
            ".config/mise/config.toml (python)",
        ),
    ],
)
def test_version_managers_of_all_languages_are_read(
    tmp_path: Path, files: dict[str, str], text: str, origin: str
) -> None:
    """Both asdf and mise, with what they call the newest patch release."""
    (declaration,) = declared(tmp_path, files)
    assert (declaration.request.text, declaration.origin) == (text, origin)


@pytest.mark.parametrize(
    "files",
    [
        {".tool-versions": "nodejs 20\n"},
        {".tool-versions": "# python 3.12\n\npython\n"},
        {"mise.toml": '[tools]\nnode = "20"\n'},
        {"mise.toml": "[env]\nA = '1'\n"},
    ],
)
def test_version_managers_without_python_say_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    """Most of these files are about other languages."""
    assert declared(tmp_path, files) == []


def test_of_several_versions_the_first_counts_with_a_notice(tmp_path: Path) -> None:
    """An image has one, where asdf tries them in turn."""
    (declaration,) = declared(tmp_path, {".tool-versions": "python 3.12.4 3.11.9 system\n"})
    assert declaration.request.text == "3.12.4"
    assert "3.11.9, system" in declaration.notices[0]


@pytest.mark.parametrize(
    ("version", "word"),
    [
        ("ref:v3.12.1", "commit"),
        ("path:/opt/python", "not in the image"),
        ("system", "machine"),
        ("latest", "change over time"),
    ],
)
def test_what_only_a_machine_can_have_is_explained(tmp_path: Path, version: str, word: str) -> None:
    """What asdf compiles or finds there has words of its own."""
    with pytest.raises(PythonVersionInvalid, match=word):
        declared(tmp_path, {".tool-versions": f"python {version}\n"})


def test_dot_python_version_goes_before_the_version_managers_of_all_languages(tmp_path: Path) -> None:
    """They have precedence over what the project allows."""
    files = {
        "mise.toml": '[tools]\npython = "3.11"\n',
        ".tool-versions": "python 3.12\n",
        ".python-version": "3.13\n",
        "pyproject.toml": '[project]\nrequires-python = ">=3.10"\n',
    }
    assert [one.request.text for one in declared(tmp_path, files)] == ["3.13", "3.12", "3.11", ">=3.10"]
