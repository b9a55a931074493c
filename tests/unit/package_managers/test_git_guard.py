"""The upload's .git is after an installation what it was before."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.package_managers.git_guard import git_unchanged


def git(root: Path, *words: str) -> None:
    """Run git as a build backend would, without the settings of this machine's user."""
    program = shutil.which("git")
    assert program
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run([program, *who, *words], cwd=root, env=env, check=True, capture_output=True)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app of one commit whose files are newer than git knows, as those of a copied upload are."""
    app = write_app(tmp_path / "app", {"main.py": "print(1)\n"})
    git(app, "init", "--quiet")
    git(app, "add", "--all")
    git(app, "commit", "--quiet", "--message=first")
    git(app, "tag", "v1")
    os.utime(app / "main.py", (1, 1))
    return app


def contents(app: Path) -> dict[str, tuple[int, bytes]]:
    """Return all that is in .git: modes and contents."""
    return {
        str(path.relative_to(app)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in (app / ".git").rglob("*")
    }


def test_git_may_look_at_the_commit(app: Path, tmp_path: Path) -> None:
    """``git describe --dirty`` writes the index anew, with this machine's times."""
    before = contents(app)
    with git_unchanged(app, tmp_path):
        git(app, "describe", "--dirty", "--tags")
        assert contents(app) != before
    assert contents(app) == before


def test_what_a_package_does_to_git_is_undone(app: Path, tmp_path: Path) -> None:
    """It adds a hook and commits, changes, removes and replaces what is there, and sets times back."""
    before, config = contents(app), app / ".git" / "config"
    times = config.stat()
    with git_unchanged(app, tmp_path):
        write_app(app, {".git/hooks/post-checkout": "#!/bin/sh\n", ".git/more/deep/file": "", "new.py": ""})
        git(app, "add", "new.py")
        git(app, "commit", "--quiet", "--message=second")
        config.write_bytes(b"x" * times.st_size)
        os.utime(config, ns=(times.st_atime_ns, times.st_mtime_ns))
        (app / ".git" / "HEAD").unlink()
        (app / ".git" / "HEAD").mkdir()
        (app / ".git" / "description").unlink()
        (app / ".git" / "description").symlink_to("/etc/passwd")
        (app / ".git" / "info" / "exclude").chmod(stat.S_IRWXU)
    assert contents(app) == before


def test_what_is_hidden_in_closed_directories_is_removed(app: Path, tmp_path: Path) -> None:
    """Git runs a hook in a directory that nobody may list; links lead where they led, and modes are as they were."""
    hooks, link = app / ".git" / "hooks", app / ".git" / "link"
    link.symlink_to("HEAD")
    before = contents(app)
    with git_unchanged(app, tmp_path):
        (hooks / "post-checkout").write_text("#!/bin/sh\n", encoding="utf-8")
        hooks.chmod(stat.S_IWUSR | stat.S_IXUSR)
        (app / ".git" / "info").chmod(0)
        link.unlink()
        link.symlink_to("/etc/passwd")
    assert contents(app) == before
    assert link.readlink() == Path("HEAD")


def test_a_repository_that_git_has_packed_stays_whole(app: Path, tmp_path: Path) -> None:
    """As ``git fetch`` may do by itself: the objects are in new files then."""
    with git_unchanged(app, tmp_path):
        git(app, "gc", "--quiet", "--prune=now")
    git(app, "fsck", "--strict")
    git(app, "show", "v1")


def test_git_itself_may_be_replaced(app: Path, tmp_path: Path) -> None:
    """Also the whole directory, by a link out of the app; its objects are lost then."""
    before = contents(app)
    with git_unchanged(app, tmp_path):
        (app / ".git").rename(tmp_path / "away")
        (app / ".git").symlink_to(tmp_path / "away")
    after = contents(app)
    assert not (app / ".git").is_symlink()
    assert {path for path in before if path not in after} == {
        path for path, (mode, _) in before.items() if "/objects/" in path and stat.S_ISREG(mode)
    }
    assert (tmp_path / "away" / "HEAD").is_file()


def test_an_app_without_git_is_left_alone(tmp_path: Path) -> None:
    """So is one whose .git is the file of a submodule."""
    app = write_app(tmp_path / "app", {".git": "gitdir: ../elsewhere\n"})
    with git_unchanged(app, tmp_path):
        (app / ".git").write_text("changed", encoding="utf-8")
    assert (app / ".git").read_text(encoding="utf-8") == "changed"
