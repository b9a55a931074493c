"""Lets pip's git use the command for ssh that the build has: pip replaces GIT_SSH_COMMAND where it must not ask."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path


def with_ssh(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment with a program ``ssh`` in front of PATH that runs GIT_SSH_COMMAND or GIT_SSH.

    pip sets GIT_SSH_COMMAND to ``ssh -oBatchMode=yes`` if PIP_NO_INPUT is set, and without that it asks for logins,
    which ends in a traceback here. The program is written into ``folder``. Without either variable nothing is changed.
    """
    given = env.get("GIT_SSH")
    command = env.get("GIT_SSH_COMMAND") or (shlex.quote(given) if given else None)
    if command is None:
        return dict(env)
    path = env.get("PATH", os.defpath)
    folder.mkdir(mode=0o700, exist_ok=True)
    program = folder / "ssh"
    # The usual PATH: the command is most often one named ssh.
    program.write_text(f'#!/bin/sh\nPATH={shlex.quote(path)}\nexport PATH\nexec {command} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    return {**env, "PATH": f"{folder}{os.pathsep}{path}"}
