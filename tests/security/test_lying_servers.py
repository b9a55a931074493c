"""Servers that lie about packages: metadata beside a wheel of another one, a repository that leads to files."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from built_apps import built, failed, one_line
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from private_network import write_git_repository
from tiny_index import serving
from wheel_index import light, serve_wheels

MAIN = {"main.py": "print('started')\n", "Procfile": "web: python main.py\n"}


def test_a_requirement_that_an_index_hides_is_said(tmp_path: Path, attempt: Callable[..., Built | Failed]) -> None:
    """The wheel requires a package, and the metadata that the index has beside it (PEP 658) does not."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(light("feather", "1.0"), light("stone", "1.0", requires=("feather==1.0",)))
        (metadata,) = (index.root / "simple" / "stone").glob("*.metadata")
        text = metadata.read_text(encoding="utf-8")
        metadata.write_text(text.replace("Requires-Dist: feather==1.0\n", ""), encoding="utf-8")
        app = write_app(tmp_path / "app", {"requirements.txt": "stone==1.0\n", **MAIN})
        log = one_line(built(attempt(app, {"PIP_INDEX_URL": index.url})).log)
    assert "1 package: stone 1.0" in log
    assert "The package stone requires feather==1.0, which is not installed" in log


def test_a_submodule_does_not_lead_to_files_of_the_build(
    tmp_path: Path, attempt: Callable[..., Built | Failed]
) -> None:
    """A repository of another server names one on the disk of the build: git refuses it, before any backend runs."""
    write_git_repository(tmp_path / "private", tmp_path / "private.git", "private")
    bare = tmp_path / "served" / "hushgit.git"
    bare.parent.mkdir()
    write_git_repository(tmp_path / "work", bare)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "protocol.file.allow=always"]
    add = ["submodule", "--quiet", "add", str(tmp_path / "private.git"), "inner"]
    for words in (add, ["commit", "--quiet", "--message", "two"], ["push", "--quiet", str(bare), "main"]):
        subprocess.run([*git, "-C", str(tmp_path / "work"), *words], check=True)
    subprocess.run([*git, f"--git-dir={bare}", "update-server-info"], check=True)
    with serving(bare.parent) as address:
        app = write_app(tmp_path / "app", {"requirements.txt": f"hushgit @ git+{address}/hushgit.git\n", **MAIN})
        log = failed(attempt(app))
    assert "error: git-failed" in log
    assert "transport 'file' not allowed" in log
    assert "Building hushgit" not in log
