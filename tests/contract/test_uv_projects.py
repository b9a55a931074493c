"""What [tool.uv] can say: sources of every kind, no package, another version of uv."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from failing_installs import PROJECT
from manager_context import Installation, install, lock_uv, snapshot, write_app
from package_index import PackageIndex, running_index, wheel
from python_buildpack.package_managers.failures.errors import InstallerVersionRefused

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
SOURCES = """
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["private", "inpath", "ingit", "member"]
[tool.uv]
package = false
[tool.uv.workspace]
members = ["packages/*"]
[tool.uv.sources]
private = {{index = "here"}}
inpath = {{path = "libraries/inpath"}}
ingit = {{git = "file://{repository}"}}
member = {{workspace = true}}
[[tool.uv.index]]
name = "here"
url = "{index}"
explicit = true
"""


@pytest.fixture(scope="module")
def index() -> Iterator[PackageIndex]:
    """Yield an index that has what nobody else has."""
    with running_index({"private": [wheel("private", "1.0")], "hello": [wheel("hello", "1.0")]}) as index:
        yield index


def library(folder: Path, name: str) -> Path:
    """Write a distribution with one module."""
    text = f'[project]\nname = "{name}"\nversion = "1"\n[tool.setuptools]\npy-modules = ["{name}"]\n{SETUPTOOLS}'
    return write_app(folder, {"pyproject.toml": text, f"{name}.py": f"WHO = {name!r}\n"})


def as_repository(folder: Path) -> Path:
    """Make a git repository of a directory."""
    git = shutil.which("git") or "git"
    for argv in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]):
        subprocess.run([git, *argv], cwd=folder, check=True)
    return folder


def install_locked(app: Path, tmp_path: Path) -> Installation:
    """Lock and install, and see that the app stays as it was."""
    lock_uv(app, tmp_path / "lock", tmp_path / "layers")
    before = snapshot(app)
    done = install("uv", app, tmp_path / "work", tmp_path / "layers")
    assert snapshot(app) == before
    return done


@pytest.mark.network
def test_sources_of_every_kind_are_installed(index: PackageIndex, tmp_path: Path) -> None:
    """An index of one's own, a path, a git repository, a member of the workspace; the app itself is no package."""
    repository = as_repository(library(tmp_path / "repository", "ingit"))
    app = write_app(
        tmp_path / "app", {"pyproject.toml": SOURCES.format(repository=repository, index=index.url), "app.py": ""}
    )
    library(app / "libraries" / "inpath", "inpath")
    library(app / "packages" / "member", "member")
    done = install_locked(app, tmp_path)
    assert done.names == {"private", "inpath", "ingit", "member"}
    assert done.run("import inpath, ingit, member; print(inpath.WHO, ingit.WHO, member.WHO)", tmp_path) == (
        "inpath ingit member"
    )


def test_a_version_of_uv_that_is_not_ours_is_refused_by_name(index: PackageIndex, tmp_path: Path) -> None:
    """required-version is obeyed: both versions and the place to change are named."""
    own = f'[[tool.uv.index]]\nname = "here"\nurl = "{index.url}"\ndefault = true\n'
    text = PROJECT.format("hello") + own
    app = write_app(tmp_path / "app", {"pyproject.toml": text})
    assert install_locked(app, tmp_path).names == {"hello"}
    write_app(app, {"pyproject.toml": f'{text}[tool.uv]\nrequired-version = "<0.1"\n'})
    with pytest.raises(InstallerVersionRefused, match=r"requires uv <0\.1, and this buildpack has \d") as caught:
        install("uv", app, tmp_path / "second", tmp_path / "layers")
    assert "required-version in [tool.uv]" in caught.value.cure


MEMBER = """
[project]
name = "{name}"
version = "1"
requires-python = ">=3.11"
dependencies = {needs}
[tool.uv.sources]
core = {{workspace = true}}
[tool.setuptools]
py-modules = ["{name}"]
"""


@pytest.mark.network
def test_a_workspace_without_a_lock_is_installed_as_uv_would(index: PackageIndex, tmp_path: Path) -> None:
    """All members of a virtual root, in the source; or the one that is chosen, with what it needs."""
    own = f'[[tool.uv.index]]\nname = "here"\nurl = "{index.url}"\n'
    files = {"pyproject.toml": f'[tool.uv.workspace]\nmembers = ["members/*"]\n{own}'}
    for name, needs in (("web", '["core", "hello"]'), ("core", "[]"), ("batch", '["private"]')):
        files[f"members/{name}/pyproject.toml"] = MEMBER.format(name=name, needs=needs) + SETUPTOOLS
        files[f"members/{name}/{name}.py"] = f"WHO = {name!r}\n"
    app = write_app(tmp_path / "app", files)
    before = snapshot(app)
    everything = install("pyproject.toml", app, tmp_path / "all", tmp_path / "layers")
    chosen = install("pyproject.toml", app, tmp_path / "one", tmp_path / "layers", {"BP_PYTHON_PACKAGE": "web"})
    assert (everything.names, chosen.names) == (
        {"web", "core", "batch", "hello", "private"}, {"web", "core", "hello"}
    )  # fmt: skip
    assert chosen.run("import web, core; print(core.__file__)", tmp_path) == str(app / "members/core/core.py")
    assert chosen.resolution != everything.resolution
    assert snapshot(app) == before
