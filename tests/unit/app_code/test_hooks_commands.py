"""How hooks are run, and which Django project is the app's."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.app_code.django_project import find_manage
from python_buildpack.app_code.hooks import HookFailed, command_for
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

SHEBANGS = {
    "#!/bin/sh\necho": ("/bin/sh",),
    "#!/usr/bin/env bash\n": ("/usr/bin/env", "bash"),
    "#!/usr/bin/env -S python -X dev\n": ("/usr/bin/env", "-S python -X dev"),
    "#! /bin/sh -e\r\n": ("/bin/sh", "-e"),
    "echo no first line of that kind\n": ("sh",),
    "": ("sh",),
    "#!\n": ("sh",),
}


@pytest.mark.parametrize(("text", "command"), SHEBANGS.items())
def test_a_script_is_run_by_the_program_of_its_first_line(text: str, command: tuple[str, ...], tmp_path: Path) -> None:
    """As the kernel would, one argument and all; without such a line, by sh. The executable bit does not matter."""
    script = tmp_path / "post_compile"
    script.write_bytes(text.encode())
    assert command_for(script) == (*command, str(script))


KINDS: dict[str, Callable[[Path], object]] = {
    "a FIFO": os.mkfifo,
    "a device without an end": lambda path: path.symlink_to("/dev/zero"),
    "a directory": Path.mkdir,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_that_is_no_file_is_named(kind: str, tmp_path: Path) -> None:
    """At once: whoever opens a FIFO waits, and a device is read without end."""
    script = tmp_path / "bin" / "pre_compile"
    script.parent.mkdir()
    KINDS[kind](script)
    with pytest.raises(HookFailed, match="bin/pre_compile is not a file that can be read"):
        command_for(script)


DJANGO = "import django\n"
NONE = Settings({})
LAYOUTS: dict[tuple[str, ...], str | None] = {
    ("manage.py",): "manage.py",
    ("backend/manage.py", "manage.py"): "manage.py",
    ("src/backend/manage.py",): "src/backend/manage.py",
    ("a/b/c/manage.py",): None,
    ("examples/manage.py",): None,
    ("demo/manage.py", "project/site/manage.py"): "project/site/manage.py",
    ("b/manage.py", "a/manage.py"): "a/manage.py",
}


@pytest.mark.parametrize(("paths", "expected"), LAYOUTS.items())
def test_the_project_nearest_to_the_root_is_the_apps(
    paths: tuple[str, ...], expected: str | None, tmp_path: Path
) -> None:
    """Three levels, as Heroku looks; never one of the examples or tests."""
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(DJANGO)
    assert find_manage(scan(tmp_path), InstalledDistributions.declared({"django"}), NONE) == expected


def test_a_manage_py_that_is_not_djangos(tmp_path: Path) -> None:
    """Flask-Script has one too; and without Django there is nothing to run."""
    (tmp_path / "manage.py").write_text("from flask_script import Manager\n")
    assert find_manage(scan(tmp_path), InstalledDistributions.declared({"django", "flask"}), NONE) is None
    (tmp_path / "manage.py").write_text(DJANGO)
    assert find_manage(scan(tmp_path), InstalledDistributions.declared({"flask"}), NONE) is None


@pytest.mark.parametrize(
    ("workspace", "package", "expected"),
    [
        ('[tool.uv.workspace]\nmembers = ["services/*"]\n', "b", "services/b/manage.py"),
        ('[tool.uv.workspace]\nmembers = ["services/*"]\n', "c", None),
        ('[tool.uv.workspace]\nmembers = ["services/*"]\n', "", "services/a/manage.py"),
        ("", "b", "services/b/manage.py"),
    ],
)
def test_the_project_of_the_chosen_member_is_the_apps(
    workspace: str, package: str, expected: str | None, tmp_path: Path
) -> None:
    """What another member needs is not installed, so its settings cannot be imported."""
    (tmp_path / "pyproject.toml").write_text(workspace)
    (tmp_path / "requirements.txt").write_text("-e services/a\n-e services/b\n-e services/c\n")
    for name in "abc":
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1"\n')
        if name != "c":
            (folder / "manage.py").write_text(DJANGO)
    settings = Settings({"BP_PYTHON_PACKAGE": package})
    assert find_manage(scan(tmp_path), InstalledDistributions.declared({"django"}), settings) == expected
