"""What code of packages may have changed is not on PATH, and is no configuration of ssh, while wheels are installed."""

import os
import time
from pathlib import Path

import pytest

from python_buildpack.layers.dependencies.untouched import untouched


def later() -> float:
    """Return a moment after everything that was written, and before everything that will be."""
    time.sleep(0.02)
    now = time.time()
    time.sleep(0.02)
    return now


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Make two directories with programs, one of which is a link to a third place."""
    (tmp_path / "elsewhere").write_text("honest", encoding="utf-8")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "git").write_text("honest", encoding="utf-8")
    (tmp_path / "two" / "tool").symlink_to(tmp_path / "elsewhere")
    return {name: tmp_path / name for name in ("one", "two", "elsewhere")}


def _path(folders: dict[str, Path]) -> str:
    return f"{folders['one']}:{folders['two']}:bin:"


@pytest.mark.parametrize("changed", ["one/new", "one/git", "two/tool"])
def test_a_directory_on_path_with_a_changed_program_is_left_out(changed: str, folders: dict[str, Path]) -> None:
    """A new program, a changed one with its old times, and one that a link leads to; relative places always are."""
    folder, _, name = changed.partition("/")
    since, path = later(), folders[folder] / name
    before = path.stat() if path.exists() else None
    path.write_text("hostile", encoding="utf-8")
    if before is not None:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = untouched({"PATH": _path(folders), "A": "b"}, since, folders["one"])
    other = "two" if folder == "one" else "one"
    assert found.env == {"PATH": str(folders[other]), "A": "b"}
    assert found.changed == (str(folders[folder]),)


def test_a_directory_that_was_closed_again_is_left_out(folders: dict[str, Path]) -> None:
    """Whoever owns it can write into it, and then take away the right to; without any directory, none is searched."""
    since = later()
    (folders["one"] / "git").write_text("hostile", encoding="utf-8")
    folders["one"].chmod(0o555)
    found = untouched({"PATH": str(folders["one"])}, since, folders["two"])
    folders["one"].chmod(0o755)
    assert (found.env["PATH"], found.changed) == (os.devnull, (str(folders["one"]),))


def test_what_nobody_changed_stays(folders: dict[str, Path]) -> None:
    """Also a directory that is not there."""
    path = f"{folders['one']}:{folders['two']}:/absent"
    found = untouched({"PATH": path}, later(), folders["one"])
    assert (found.env, found.changed) == ({"PATH": path}, ())


@pytest.mark.parametrize(
    ("given", "command"),
    [("", "ssh -F /dev/null"), ("ssh -i key", "ssh -i key -F /dev/null"), ("ssh -F x", "ssh -F x")],
)
def test_a_changed_configuration_of_ssh_is_not_read(given: str, command: str, tmp_path: Path) -> None:
    """It may name commands. A configuration that the build names is another file; new hosts change nothing."""
    (tmp_path / ".ssh").mkdir()
    since = later()
    (tmp_path / ".ssh" / "known_hosts").touch()
    env = {"PATH": "/absent", "GIT_SSH_COMMAND": given}
    assert untouched(env, since, tmp_path).env == env
    (tmp_path / ".ssh" / "config").touch()
    found = untouched(env, since, tmp_path)
    assert found.env["GIT_SSH_COMMAND"] == command
    assert found.changed == (str(tmp_path / ".ssh"),)


def test_a_program_in_the_place_of_ssh_is_told_not_to_read_the_changed_configuration(tmp_path: Path) -> None:
    """GIT_SSH names a program, which may have spaces in its path."""
    (tmp_path / ".ssh").mkdir()
    since = later()
    (tmp_path / ".ssh" / "config").touch()
    found = untouched({"PATH": "/absent", "GIT_SSH": "/my tools/ssh"}, since, tmp_path)
    assert found.env["GIT_SSH_COMMAND"] == "'/my tools/ssh' -F /dev/null"
