"""Pipfile's packages in the words of a requirements file."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manager_context import write_app
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import scan
from python_buildpack.package_managers.pipfile import requirement_lines
from python_buildpack.package_managers.requirement_files import requirement_name


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ('a = "*"', "a"),
        ('a = ""', "a"),
        ('a = ">=1,<2"', "a>=1,<2"),
        ('a = {version = "==1.0", extras = ["x", "y"]}', "a[x,y]==1.0"),
        ('a = {version = "*", sys_platform = "== \'linux\'"}', "a ; sys_platform == 'linux'"),
        (
            "a = {version = \"*\", markers = \"os_name == 'nt' or os_name == 'posix'\", python_version = \"> '3'\"}",
            "a ; (os_name == 'nt' or os_name == 'posix') and python_version > '3'",
        ),
        ('a = {git = "https://host/a.git", ref = "v1"}', "a @ git+https://host/a.git@v1"),
        ('a = {git = "git+ssh://git@host/a.git", subdirectory = "x"}', "a @ git+ssh://git@host/a.git#subdirectory=x"),
        ('a = {path = ".", editable = true}', "-e ."),
        ('a = {path = "./lib", extras = ["x"]}', "./lib[x]"),
        ('a = {file = "https://host/a.whl"}', "a @ https://host/a.whl"),
        ('a = {index = "other", version = "~=1.4"}', "a~=1.4"),
    ],
)
def test_every_way_to_name_a_package_is_understood(tmp_path: Path, entry: str, line: str) -> None:
    """Versions, extras, markers, repositories, paths and files."""
    project = scan(write_app(tmp_path, {"Pipfile": f"[packages]\n{entry}\n"}))
    assert list(requirement_lines(project, "packages")) == [line]


def test_what_is_neither_version_nor_table_is_explained(tmp_path: Path) -> None:
    """The package is named."""
    project = scan(write_app(tmp_path, {"Pipfile": "[packages]\na = 1\n"}))
    with pytest.raises(ProjectFileInvalid, match=r"packages\.a"):
        list(requirement_lines(project, "packages"))


@given(
    st.from_regex(r"[a-z]([a-z0-9._-]{0,8}[a-z0-9])?", fullmatch=True), st.sampled_from(["*", "==1", ">=2,<3", "~=1.0"])
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_names_its_package(tmp_path: Path, name: str, version: str) -> None:
    """Whatever the name, the line is a requirement of that name."""
    project = scan(write_app(tmp_path, {"Pipfile": f'[packages]\n"{name}" = "{version}"\n'}))
    (line,) = requirement_lines(project, "packages")
    assert requirement_name(line) is not None
