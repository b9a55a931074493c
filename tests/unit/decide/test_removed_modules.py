"""Imports of modules that a newer Python no longer has."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.removed_modules import removed_imports
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.installed.imports.stdlib_modules import LOST


def reported(folder: Path, source: str, minor: str, **distributions: str) -> list[str]:
    """Return the titles of what is said about an app of one file."""
    (folder / "app.py").write_text(source, encoding="utf-8")
    return [notice.title for notice in removed_imports(scan(folder), minor, InstalledDistributions(distributions))]


@pytest.mark.parametrize(("module", "since"), LOST.items())
def test_a_module_is_missed_from_its_removal_on_and_not_before(tmp_path: Path, module: str, since: str) -> None:
    """Every row of the table, on both sides of its line."""
    before = f"3.{int(since.partition('.')[2]) - 1}"
    assert reported(tmp_path, f"import {module}\n", since) == [f"app.py imports {module}, which is not there"]
    assert reported(tmp_path, f"from {module} import x\n", before) == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import cgi\nexcept ImportError:\n    cgi = None\n",
        "def old():\n    import cgi\n",
        "# import cgi\nx = 'import cgi'\n",
        "import cgi_tools\nfrom . import cgi\n",
        "import cgi(\n",
    ],
)
def test_what_is_guarded_or_no_import_is_left_alone(tmp_path: Path, source: str) -> None:
    """Only what certainly fails is reported."""
    assert reported(tmp_path, source, "3.13") == []


def test_a_substitute_or_a_file_of_the_apps_own_serves(tmp_path: Path) -> None:
    """legacy-cgi brings cgi back; telnetlib.py may be the app's."""
    assert reported(tmp_path, "import cgi\n", "3.13", **{"legacy-cgi": "2.6"}) == []
    (tmp_path / "telnetlib.py").touch()
    assert reported(tmp_path, "import telnetlib\n", "3.13") == []


def test_pkg_resources_belongs_to_setuptools(tmp_path: Path) -> None:
    """It is there if a setuptools is installed that still has it."""
    assert reported(tmp_path, "import pkg_resources\n", "3.9") == ["app.py imports pkg_resources, which is not there"]
    assert reported(tmp_path, "import pkg_resources\n", "3.9", setuptools="81.0.0") == []
    newer = reported(tmp_path, "import pkg_resources\n", "3.9", setuptools="82.0.0")
    assert newer == ["app.py imports pkg_resources, which is not there"]


def test_tests_and_examples_are_not_looked_at(tmp_path: Path) -> None:
    """They do not run in the image."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_old.py").write_text("import cgi\n", encoding="utf-8")
    assert reported(tmp_path, "x = 1\n", "3.13") == []


def test_a_file_of_a_project_that_is_not_installed_is_left_alone(tmp_path: Path) -> None:
    """Nothing in the image imports it."""
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool" / "use.py").write_text("import imghdr\n", encoding="utf-8")
    project, installed = scan(tmp_path), InstalledDistributions({})
    assert [notice.title for notice in removed_imports(project, "3.13", installed)]
    assert not removed_imports(project, "3.13", installed, lambda path: path.startswith("tool/"))
