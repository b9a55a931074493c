"""The line of the app's files that declares a package is found in every notation."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.package_managers.declared_at import declared_at, names_indexes


@pytest.mark.parametrize(
    ("file", "text", "package", "line"),
    [
        ("requirements.txt", "# flask is fine\ngunicorn\nFlask>=1  # why not\n", "flask==1.0", 3),
        ("requirements.txt", "flask-cors\nflask.x\nflask[async] ; python_version > '3'\n", "flask", 3),
        ("requirements.txt", "zope.interface==5\n", "`zope-interface`", 1),
        ("pyproject.toml", '[project]\ndependencies = [\n  "flask-login", "flask==99",\n]\n', "flask", 3),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\nFlask = "^99"\n', "flask", 3),
        ("pyproject.toml", '[tool.poetry.dependencies]\n"flask" = {version = "9"}\n', "flask", 2),
        ("Pipfile", '[packages]\nflask-cors = "*"\nflask = {version = "==9"}\n', "flask", 3),
        ("setup.cfg", "[options]\ninstall_requires =\n    flask==9\n", "flask", 3),
        ("setup.py", "from setuptools import setup\nsetup(install_requires=['six', 'flask~=9'])\n", "flask", 2),
    ],
)
def test_a_declaration_is_found(tmp_path: Path, file: str, text: str, package: str, line: int) -> None:
    """Whatever else has a similar name, and however the tool wrote the name."""
    (tmp_path / file).write_text(text)
    assert declared_at(scan(tmp_path), file, package) == f"{file}, line {line}"


def test_a_declaration_in_an_included_file_is_found(tmp_path: Path) -> None:
    """The line is where it is written, not where it is included."""
    (tmp_path / "requirements.txt").write_text("-r base.txt\n")
    (tmp_path / "base.txt").write_text("six\nflask\n")
    assert declared_at(scan(tmp_path), "requirements.txt", "flask") == "base.txt, line 2"


@pytest.mark.parametrize("package", ["click", "", "https://example.com/x.whl", "-"])
def test_what_is_declared_nowhere_has_no_place(tmp_path: Path, package: str) -> None:
    """A dependency of a dependency, or what is no name."""
    (tmp_path / "requirements.txt").write_text("flask\nclick-plugins\n")
    assert declared_at(scan(tmp_path), "requirements.txt", package) is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("requirements.txt", "--extra-index-url https://example.com\nacme==1\n"),
        ("pyproject.toml", '[[tool.uv.index]]\nurl = "https://example.com"\n'),
        ("pyproject.toml", '[[tool.poetry.source]]\nname = "x"\n'),
        ("Pipfile", '[[source]]\nurl = "https://example.com"\n'),
    ],
)
def test_an_app_with_indexes_of_its_own_asks_no_other(tmp_path: Path, file: str, text: str) -> None:
    """The name of a private package is no other index's business."""
    (tmp_path / file).write_text(text)
    assert names_indexes(scan(tmp_path), file)
    (tmp_path / file).write_text("acme==1\n" if file.endswith(".txt") else "")
    assert not names_indexes(scan(tmp_path), file)
