"""pip's git runs the command for ssh that the build has."""

import os
import subprocess
from pathlib import Path

import pytest

from python_buildpack.package_managers.ssh_for_pip import with_ssh

SSH = '#!/bin/sh\nprintf "%s\\n" "the usual ssh" "$@"\n'
PIPS = ("sh", "-c", "ssh -oBatchMode=yes -p 22 git@host 'git-upload-pack x'")
"""How git runs what pip sets GIT_SSH_COMMAND to."""
ARGUMENTS = ["-oBatchMode=yes", "-p", "22", "git@host", "git-upload-pack x"]


@pytest.mark.parametrize(
    ("variables", "first"),
    [
        ({"GIT_SSH_COMMAND": "ssh -F '/a folder/config'"}, ["the usual ssh", "-F", "/a folder/config"]),
        ({"GIT_SSH_COMMAND": "ssh -v", "GIT_SSH": "/nowhere"}, ["the usual ssh", "-v"]),
        ({"GIT_SSH": "{folder}/bin/ssh"}, ["the usual ssh"]),
        ({"GIT_SSH_COMMAND": ""}, ["the usual ssh"]),
        ({}, ["the usual ssh"]),
    ],
)
def test_the_builds_own_command_is_run(tmp_path: Path, variables: dict[str, str], first: list[str]) -> None:
    """With its own options and pip's; the program named ssh that it names is the usual one."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(SSH)
    (tmp_path / "bin" / "ssh").chmod(0o755)
    own = {name: value.format(folder=tmp_path) for name, value in variables.items()}
    env = with_ssh({"PATH": f"{tmp_path}/bin:{os.defpath}", **own}, tmp_path / "for pip")
    output = subprocess.run(PIPS, env=env, capture_output=True, text=True, check=True).stdout
    assert output.splitlines() == [*first, *ARGUMENTS]


def test_without_a_command_nothing_is_changed(tmp_path: Path) -> None:
    """No program, and the same environment."""
    env = {"PATH": "/usr/bin", "HOME": "/"}
    assert with_ssh(env, tmp_path / "for-pip") == env
    assert not list(tmp_path.iterdir())
