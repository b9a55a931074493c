"""The environment for an installer after code of packages ran: without programs that this code may have changed.

An installer starts git, and git starts ssh, by PATH. Some of its directories may belong to the user of the build: those
of earlier buildpacks, or ``~/.local/bin``. ssh reads its configuration from the user's home directory, whatever HOME
says (ssh_config(5)), and runs the commands in it. What a program changes has a ctime from then on (inode(7)), so
nothing has to be noted before.
"""

import os
import pwd
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cnb.frozen import frozen

_SSH = ".ssh"
_OF_HOSTS = "known_hosts"
"""ssh itself adds to it, and runs nothing that stands in it."""
_NO_CONFIGURATION = "-F /dev/null"


@frozen
class Untouched:
    """An environment, and what it is without: directories of PATH, and the configuration of ssh."""

    env: Mapping[str, str]
    changed: tuple[str, ...]


def untouched(env: Mapping[str, str], since: float, home: Path | None = None) -> Untouched:
    """Return an environment without what was changed after ``since``, in seconds since the epoch.

    ``home`` is the home directory that ssh takes, by default that of the password database.
    """
    folders = tuple(_folders(env))
    changed = tuple(folder for folder in folders if _is_changed(Path(folder), since))
    # An empty PATH would mean the app's directory.
    path = os.pathsep.join(folder for folder in folders if folder not in changed) or os.devnull
    home = home or _home()
    if home is None or not _is_ssh_changed(home, since):
        return Untouched({**env, "PATH": path}, changed)
    # git takes the command rather than the program, which passes what it is given to ssh.
    command = env.get("GIT_SSH_COMMAND") or shlex.quote(env.get("GIT_SSH") or "ssh")
    command = command if " -F" in command else f"{command} {_NO_CONFIGURATION}"
    return Untouched({**env, "PATH": path, "GIT_SSH_COMMAND": command}, (*changed, str(home / _SSH)))


def _folders(env: Mapping[str, str]) -> Iterator[str]:
    """Yield the directories on PATH; what a relative one is depends on who asks, and is in the app mostly."""
    yield from (folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if folder.startswith("/"))


def _is_changed(folder: Path, since: float) -> bool:
    # Also of a directory that cannot be written: its owner may have changed the mode after a program in it.
    return _is_newer(folder, since) or any(_is_newer(path, since) for path in _entries(folder))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _is_newer(path: Path, since: float) -> bool:
    """Say whether a file, or what a link leads to, was changed; a directory counts by what it lists."""
    with suppress(OSError):
        for status in (path.lstat(), path.stat()):
            if max(status.st_ctime, status.st_mtime if stat.S_ISDIR(status.st_mode) else 0) >= since:
                return True
    return False


def _is_ssh_changed(home: Path, since: float) -> bool:
    folder = home / _SSH
    return any(_is_newer(path, since) for path in _entries(folder) if not path.name.startswith(_OF_HOSTS)) or (
        folder.is_symlink() and _is_newer(folder, since)
    )


def _home() -> Path | None:
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None
