"""What people read when the app's own build backend, or a line that another system wrote, cannot be used."""

from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from manager_context import empty_environment, install_context, write_app
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.package_managers.failures.errors import (
    PackageFileMissing,
    PackageNotForPython,
    PackageUnknown,
    RequirementsInvalid,
)
from python_buildpack.package_managers.failures.projects import (
    ProjectFileMissing,
    ProjectLayoutUnknown,
    ProjectVersionUnknown,
)
from python_buildpack.package_managers.registry import manager_named

pytestmark = pytest.mark.network

PROJECT = """[build-system]
requires = [{requires}]
build-backend = "{backend}"
[project]
name = "terra-app"
{metadata}
"""


def refuse(tmp_path: Path, files: dict[str, str], name: str = "pyproject.toml") -> None:
    bench = install_context(write_app(tmp_path / "app", files), tmp_path / "work", tmp_path / "layers")
    venv = tmp_path / "venv"
    empty_environment(venv)
    manager = manager_named(name, bench.settings)
    manager.install(bench, manager.resolve(bench), venv)


def project(requires: str, backend: str, metadata: str) -> str:
    quoted = ", ".join(f'"{name}"' for name in requires.split())
    return PROJECT.format(requires=quoted, backend=backend, metadata=metadata)


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        (
            "requirements.txt",
            f"six==1.17.0 --hash=sha256:{'0' * 64}\nclick==8.1.7\n",
            RequirementsInvalid,
            "click==8.1.7",
        ),
        ("requirements.txt", "python==3.11\n", PackageUnknown, "comes with Python"),
        ("requirements.txt", "sqlite3\n", PackageUnknown, "comes with Python"),
        ("requirements.txt", "pywin32==306\n", PackageNotForPython, "sys_platform == 'win32'"),
        ("pyproject.toml", '[project]\nname = "app"\n', ProjectFileInvalid, "without version"),
        ("pyproject.toml", '[project]\nversion = "1"\n', ProjectFileInvalid, "without name"),
        (
            "pyproject.toml",
            '[project]\nname = "app"\nversion = "1"\ndynamic = ["dependencies"]\n',
            ProjectFileInvalid,
            "names no build backend",
        ),
    ],
)
def test_a_slip_in_a_declaration_is_explained(
    tmp_path: Path, name: str, text: str, error: type[BuildpackError], words: str
) -> None:
    """What people write who declare for the first time, or freeze on another system."""
    with pytest.raises(error) as caught:
        refuse(tmp_path, {name: text}, name)
    assert type(caught.value) is error
    assert words in f"{caught.value.what} {caught.value.cure}"


@pytest.mark.parametrize(
    ("files", "error", "cure"),
    [
        pytest.param(
            {
                "pyproject.toml": project(
                    "hatchling hatch-vcs",
                    "hatchling.build",
                    'dynamic = ["version"]\n[tool.hatch.version]\nsource="vcs"',
                ),
                "terra_app/__init__.py": "",
            },
            ProjectVersionUnknown,
            "SETUPTOOLS_SCM_PRETEND_VERSION",
            id="version of git",
        ),
        pytest.param(
            {
                "pyproject.toml": project(
                    "setuptools setuptools-scm",
                    "setuptools.build_meta",
                    'dynamic = ["version"]\n[tool.setuptools_scm]\nversion_file="terra_app/_version.py"',
                ),
                "terra_app/__init__.py": "",
            },
            ProjectVersionUnknown,
            "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_TERRA_APP",
            id="version of git, with the project's name",
        ),
        pytest.param(
            {
                "pyproject.toml": project(
                    "pdm-backend", "pdm.backend", 'dynamic = ["version"]\n[tool.pdm.version]\nsource="scm"'
                ),
                "terra_app/__init__.py": "",
            },
            ProjectVersionUnknown,
            "PDM_BUILD_SCM_VERSION",
            id="version of git, PDM",
        ),
        pytest.param(
            {
                "pyproject.toml": project("setuptools", "setuptools.build_meta", 'version = "1"'),
                "app/__init__.py": "",
                "migrations/__init__.py": "",
            },
            ProjectLayoutUnknown,
            "package = false",
            id="setuptools, several packages",
        ),
        pytest.param(
            {"pyproject.toml": project("hatchling", "hatchling.build", 'version = "1"'), "main.py": ""},
            ProjectLayoutUnknown,
            "package = false",
            id="hatchling, no package",
        ),
        pytest.param(
            {
                "pyproject.toml": project("hatchling", "hatchling.build", 'version = "1"\nreadme = "README.md"'),
                "terra_app/__init__.py": "",
            },
            ProjectFileMissing,
            ".dockerignore",
            id="readme missing",
        ),
    ],
)
def test_a_backend_that_refuses_the_app_is_explained_with_a_way_out(
    tmp_path: Path, files: dict[str, str], error: type[BuildpackError], cure: str
) -> None:
    """Each refusal gets its own error; a compiler, which none of them needs, is not mentioned."""
    with pytest.raises(error) as raised:
        refuse(tmp_path, files)
    assert cure in raised.value.cure
    assert "compiler" not in raised.value.cure


@pytest.mark.parametrize(
    ("line", "error", "cure"),
    [
        ("idna @ file:///croot/idna_1666125576474/work", PackageFileMissing, "pip list --format=freeze"),
        ("./libs/never-committed", PackageFileMissing, "commit it"),
        ("pkg-resources==0.0.0", PackageUnknown, "Remove the line"),
    ],
)
def test_a_line_that_only_another_machine_understands_is_explained(
    tmp_path: Path, line: str, error: type[BuildpackError], cure: str
) -> None:
    """What pip freeze writes on Conda and on old Debian systems has its own cure, and so has a forgotten folder."""
    with pytest.raises(error) as raised:
        refuse(tmp_path, {"requirements.txt": f"{line}\n"}, "requirements.txt")
    assert cure in raised.value.cure
