"""Requirements files in every syntax that pip documents: what the buildpack installs is what pip would install."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from cnb.errors import BuildpackError
from manager_context import Log, empty_environment, install_context
from pip_reference import Pip, PipFailed
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PIP
from tiny_index import Distribution, add_to_index, serving, source_files, write_page, write_sdist, write_wheel

pytestmark = pytest.mark.network

CASES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("requirement_lines.toml").read_text(encoding="utf-8")
)["case"]
ABOUT = ("fails", "env", "by", "encoding", "stricter", "more_lenient")
RELEASES = (
    *(Distribution("alpha", version) for version in ("1.0", "1.1", "1.2", "2.0", "2.1.dev1", "2.1rc1", "3.0.dev1")),
    *(Distribution("epochal", version) for version in ("2020.1", "1!0.5")),
    *(Distribution("localised", version) for version in ("1.0", "1.0+cpu")),
    *(Distribution("posted", version) for version in ("1.0", "1.0.post1")),
    *(Distribution("only-pre", version) for version in ("1.0a1", "1.0b1")),
    Distribution("wants-pre", requires=("only-pre>=1.0a0",)),
    Distribution("wants-alpha-pre", requires=("alpha>=2.1rc1",)),
    Distribution("yanked", "1.0"),
    Distribution("yanked", "1.1", yanked=True),
    Distribution("picky", "1.0"),
    Distribution("picky", "2.0", requires_python=">=99"),
    Distribution("gamma", "1.0"),
    Distribution("gamma", "9.0"),
    Distribution("needs-gamma", requires=("gamma<2", "alpha<2")),
    Distribution("backtracks", "1.0", requires=("alpha",)),
    Distribution("backtracks", "2.0", requires=("alpha>=2",)),
    Distribution(
        "extras", requires=("alpha<2; extra == 'net'", "gamma; extra == 'cli'", "gamma<2; extra == 'big-one'")
    ),
    Distribution("mixed", "1.0"),
)
SOURCES = (Distribution("sourced", "1.0"), Distribution("mixed", "1.0"), Distribution("mixed", "2.0"))
ELSEWHERE = (Distribution("alpha", "1.1", text="other\n"), Distribution("alpha", "4.0"), Distribution("elsewhere"))
LINKED = (
    *(Distribution("linked"), Distribution("alpha", "2.0", text="linked\n"), Distribution("alpha", "5.0")),
    Distribution("extras", requires=("alpha<2; extra == 'net'",)),
)
PROJECT = Distribution("project", "0.1", requires=("gamma", "alpha<2; extra == 'x'"))
INNER = Distribution("inner", "0.2")


@dataclass(frozen=True, slots=True)
class World:
    """What all cases share: indexes, a directory of files, a repository, pip."""

    root: Path
    address: str
    commit: str
    layers: Path
    pip: Pip

    def fill(self, text: str, app: Path) -> str:
        """Put in what stands between @ in a case."""
        words = {
            "index": f"{self.address}/index",
            "extra": f"{self.address}/extra",
            "pages": f"{self.address}/links/",
            "host": self.address.removeprefix("http://"),
            "links": str(self.root / "served" / "links"),
            "git": str(self.root / "repository"),
            "commit": self.commit,
            "app": str(app),
            "project": source_files(PROJECT)["pyproject.toml"],
            "backend": source_files(PROJECT)["backend.py"],
        }
        text = re.sub(r"@(hash|sha512|sha384|md5):([\w.-]+)@", self._digest, text)
        return re.sub(rf"@({'|'.join(words)})@", lambda found: words[found[1]], text)

    def _digest(self, found: re.Match[str]) -> str:
        kind = "sha256" if found[1] == "hash" else found[1]
        (path,) = [*(self.root / "served" / "index").rglob(found[2]), *(self.root / "served" / "links").glob(found[2])][
            :1
        ]
        return hashlib.new(kind, path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Make the indexes, and yield them while they are served."""
    root = tmp_path_factory.mktemp("requirement-lines")
    served = root / "served"
    for folder in ("index", "extra", "links"):
        (served / folder).mkdir(parents=True)
    add_to_index(served / "index", *RELEASES, sdists=SOURCES)
    add_to_index(served / "extra", *ELSEWHERE)
    for made in LINKED:
        write_wheel(served / "links", made)
    write_sdist(served / "links", SOURCES[0])
    (served / "links" / "remote.txt").write_text("alpha==1.1\n", encoding="utf-8")
    write_page(served / "links")
    commit = _make_repository(root / "repository")
    pip = Pip(_install_pip(root), root)
    with serving(served) as address:
        yield World(root, address, commit, root / "layers", pip)
    pip.close()


def _install_pip(root: Path) -> Path:
    """Install the buildpack's own pip, for both sides of the comparison, and return its interpreter."""
    context = install_context(root / "served", root, root / "layers")
    (root / "layers").mkdir()
    assert context.tools.run(PIP, ("--version",), Command((), context.env, cwd=root, show=False)).status == 0
    python = context.scratch / "unpacked" / "pip" / "bin" / "python"
    # Otherwise every run of it compiles all of it anew.
    subprocess.run([str(python), "-m", "compileall", "-q", str(python.parents[1] / "lib")], check=True)
    return python


def _make_repository(folder: Path) -> str:
    """Make a repository with a tag, a branch, a reference outside of both, and return its last commit."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")

    def git(*argv: str) -> str:
        command = ["git", *who, *argv]
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(version: str) -> None:
        for made, place in ((PROJECT, folder), (INNER, folder / "inner")):
            _write(place, source_files(replace(made, version=version)))
        git("add", ".")
        git("commit", "--quiet", "--message", version)

    folder.mkdir()
    git("init", "--quiet")
    commit("0.9")
    git("tag", "v0.9")
    git("checkout", "--quiet", "-b", "feature")
    commit("2.0")
    git("checkout", "--quiet", "--detach")
    commit("3.0")
    git("update-ref", "refs/pull/7/head", "HEAD")
    git("checkout", "--quiet", "main")
    commit("1.0")
    return git("rev-parse", "HEAD")


def _write(folder: Path, files: Mapping[str, str], encoding: str = "utf-8") -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))


@pytest.fixture(scope="session")
def empty_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a virtual environment to copy: making one takes longer than most of the cases."""
    venv = tmp_path_factory.mktemp("empty") / "venv"
    empty_environment(venv)
    return venv


Installed = dict[str, tuple[str, str | None, object]]


def by_pip(world: World, app: Path, env: Mapping[str, str]) -> Installed:
    """Return what pip would install. Raises PipFailed."""
    found = world.pip.report(["--requirement", "requirements.txt"], app, env)
    return {
        item["metadata"]["name"].lower(): (
            item["metadata"]["version"],
            item["metadata"].get("summary"),
            _direct(item["download_info"]) if item["is_direct"] else None,
        )
        for item in found
    }


def by_buildpack(venv: Path) -> Installed:
    """Return what is installed in ``venv``."""
    (site_packages,) = venv.glob("lib/python*/site-packages")
    found: Installed = {}
    for distribution in distributions(path=[str(site_packages)]):
        text = distribution.read_text("direct_url.json")
        direct = _direct(json.loads(text)) if text else None
        # Message.get, which importlib's own protocol leaves out.
        summary = dict(distribution.metadata.items()).get("Summary")  # type: ignore[attr-defined]
        found[distribution.metadata["Name"].lower()] = (distribution.version, summary, direct)
    return found


def _direct(info: Mapping[str, Any]) -> tuple[str, object, object, bool]:
    """Return what PEP 610 says of the origin, as far as it decides what is installed."""
    vcs = info.get("vcs_info", {})
    editable = bool(info.get("dir_info", {}).get("editable"))
    url = str(info["url"]).partition("#")[0].rstrip("/")
    # A checkout lies in the environment that it was made for, which is another one for each side.
    place = re.sub(r".*/src/(?=[^/]+$)", "", url) if editable else url
    return (place, vcs.get("commit_id"), info.get("subdirectory"), editable)


def prepared(name: str, world: World, tmp_path: Path) -> InstallContext:
    """Write the case's app, and return the install_context of its build."""
    case, app = CASES[name], tmp_path / "app"
    shutil.copytree(world.root / "served" / "links", app / "wheels")
    _write(app / "project", source_files(PROJECT))
    files = {file: world.fill(text, app) for file, text in case.items() if file not in ABOUT}
    _write(app, files, case.get("encoding", "utf-8"))
    settings = {key: world.fill(value, app) for key, value in case.get("env", {}).items()}
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "PYTEST"))}
    env = {**ours, "HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", "PIP_INDEX_URL": f"{world.address}/index"}
    env |= {"PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_HTTP_RETRIES": "0", **settings}
    context = replace(install_context(app, tmp_path / "work", world.layers), env=env)
    (context.scratch / "unpacked").symlink_to(world.root / "scratch" / "unpacked")
    return context


def by_us(context: InstallContext, venv: Path) -> Installed | str:
    """Return what the buildpack installs, or the error that it reports."""
    manager = manager_named("requirements.txt", context.settings)
    try:
        manager.install(context, manager.resolve(context), venv)
    except BuildpackError as error:
        return f"{error.code}: {error.what}"
    return by_buildpack(venv)


@pytest.mark.parametrize("name", CASES)
def test_the_buildpack_installs_what_pip_installs(name: str, world: World, empty_venv: Path, tmp_path: Path) -> None:
    """The same distributions, versions, origins and build settings; or both refuse."""
    case = CASES[name]
    context = prepared(name, world, tmp_path)
    assert isinstance(context.reporter, Log)
    done = by_us(context, Path(shutil.copytree(empty_venv, tmp_path / "venv", symlinks=True)))
    wanted: Installed | str
    try:
        wanted = by_pip(world, context.project.root, context.env)
    except PipFailed as error:
        wanted = str(error)
    log = "\n".join(context.reporter.said)
    if "more_lenient" in case:
        assert isinstance(wanted, str), wanted
        assert isinstance(done, dict), log
    elif "stricter" in case:
        assert isinstance(wanted, dict), wanted
        assert str(done).startswith(f"{case['stricter']}: ")
    elif "fails" in case:
        assert isinstance(wanted, str), wanted
        assert isinstance(done, str), done
    else:
        assert done == wanted, log
        assert ("installed by pip itself" in log) == (case.get("by") == "pip"), log
