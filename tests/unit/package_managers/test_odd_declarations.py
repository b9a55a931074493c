"""Declarations that a fuzzer found to be too much for a parser: a value or an explained error, never a crash."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.interpreters.request import PythonVersionInvalid, parse_version_request
from python_buildpack.package_managers.poetry_constraints import NotAConstraint, parse_constraint
from python_buildpack.package_managers.registry import MANAGERS
from python_buildpack.platform.bindings.interface import PackageIndex
from python_buildpack.platform.bindings.logins import gather_logins, git_lines
from python_buildpack.secrets.netrc import Login

DIGITS = "9" * 5000
DEEP = "(" * 3000
APPS = {
    "a number of thousands of digits": {"pyproject.toml": f"[project]\nname = 'a'\nversion = '1'\nx = {DIGITS}\n"},
    "an overlong name": {"requirements.txt": f"-r {'a' * 300}\n"},
    "a nested marker": {"requirements.txt": f"a; {DEEP}\n"},
    "a nested script": {"setup.py": f"setup(install_requires={DEEP})\n"},
    "a device": {"requirements.txt": "-f /dev/zero\nclick\n"},
    "the directory above": {"requirements.txt": "x @ file:..\n"},
    "a large directory": {"requirements.txt": "x @ file:///usr\n"},
    "directories that change": {"requirements.txt": "x @ file:///proc/self/task\n"},
    "groups of PDM": {"pyproject.toml": "[project]\nname='a'\n", "pdm.lock": '[[package]]\nname = "a"\ngroups = 5\n'},
    "dependencies of uv": {"pyproject.toml": "[project]\nname='a'\n", "uv.lock": "[[package]]\ndependencies = 5\n"},
    "extras of a Pipfile": {"Pipfile": '[packages]\na = {version = "*", extras = 5}\n'},
}


@pytest.mark.parametrize("case", APPS)
def test_a_declaration_is_read_or_refused(case: str, tmp_path: Path) -> None:
    """By every manager that has a look at it, in a moment."""
    _declare(write_app(tmp_path / "app", APPS[case]))


def _declare(app: Path) -> None:
    project = scan(app)
    for manager in MANAGERS:
        with suppress(BuildpackError):
            if manager.find(project) is not None:
                manager.declared(project)
                manager.declaration(project)


@pytest.mark.parametrize("line", ["-e .", "./", "x @ file:.", "./pipe", "-f ./pipe"])
def test_a_fifo_among_the_files_of_a_requirement_is_not_waited_for(line: str, tmp_path: Path) -> None:
    """Nobody would ever write into it; a device such as /dev/zero would never end."""
    write_app(tmp_path, {"requirements.txt": f"{line}\n", "main.py": ""})
    for name in ("pipe", "setup.py"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "pyproject.toml").symlink_to("/dev/zero")
    _declare(tmp_path)


@pytest.mark.parametrize("text", [DIGITS, f"3.{DIGITS}", f">=3.{DIGITS}", f"{DIGITS}t"])
def test_a_version_of_thousands_of_digits_is_none(text: str) -> None:
    """Python refuses to convert it, and so do we."""
    with pytest.raises(PythonVersionInvalid):
        parse_version_request(text, "runtime.txt")
    with pytest.raises(NotAConstraint):
        parse_constraint(text)


def test_a_login_in_another_encoding_is_passed_on_as_it_is() -> None:
    """A netrc file in Latin-1 is read with its bytes kept; git gets these bytes."""
    login = Login("git.example.com", "me", "p\udce4ss")
    assert git_lines((), (login,)) == ("https://me:p%E4ss@git.example.com",)


def test_a_login_for_a_port_is_given_to_git_for_that_port() -> None:
    """The credential store of git compares the port, too: the login is not for another server on the same host."""
    index = PackageIndex(
        "https://host.example:8443/simple", Login("host.example", "me", "secret", 8443), is_extra=False
    )
    (bound,) = gather_logins((index,), {})
    assert git_lines((index,), (bound,)) == ("https://me:secret@host.example:8443",)
    named = {"PIP_INDEX_URL": "https://me:secret@host.example:8443/simple", "HOME": "/nowhere"}
    assert git_lines((), gather_logins((), named)) == ("https://me:secret@host.example:8443",)
