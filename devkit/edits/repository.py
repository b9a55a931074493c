"""The app as a repository of git, as it is uploaded by a platform that builds from one."""

import os
import subprocess
from pathlib import Path

_DATE = "2024-01-01T00:00:00Z"
_WHO = ("-c", "user.name=a test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")


def begin(root: Path) -> None:
    """Make the app a repository with one commit and one tag."""
    _git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    tag(root, "v0.5")


def commit(root: Path) -> None:
    """Commit all that has changed."""
    _git(root, "add", "--all")
    _git(root, *_WHO, "commit", "--quiet", "--allow-empty", "--message=a change")


def tag(root: Path, name: str) -> None:
    """Give the commit another tag."""
    _git(root, *_WHO, "tag", "--force", name)


def _git(root: Path, *words: str) -> None:
    env = {**os.environ, "GIT_AUTHOR_DATE": _DATE, "GIT_COMMITTER_DATE": _DATE, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *words], cwd=root, env=env, check=True, capture_output=True)
