"""Dependencies for which there is no wheel: compiled with what earlier buildpacks brought, once, and kept."""

import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from built_apps import built, one_line
from compiled_source import library_buildpack, publish_source
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.launch import launch
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built
from devkit.paths import CHECKOUT
from manager_context import index_url, lock_pdm, lock_poetry, lock_uv, write_app
from wheel_index import WheelIndex, light, serve_wheels

pytestmark = [pytest.mark.network, pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")]

Lock = Callable[[Path, Path, Path], None]
MAIN = {
    "main.py": "import terragem\n\nprint('the answer is', terragem.answer())\n",
    "Procfile": "web: python main.py\n",
    ".python-version": "3.11\n",
}
PROJECT = """[project]
name = "hello-app"
version = "1.0"
requires-python = ">=3.11"
dependencies = [{names}]
"""
UV = PROJECT + '[[tool.uv.index]]\nname = "local"\nurl = "{local}"\n[tool.uv]\npackage = false\n'
POETRY = (
    PROJECT + '[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "here"\nurl = "{here}"\n'
    '[[tool.poetry.source]]\nname = "local"\nurl = "{local}"\npriority = "supplemental"\n'
)
PDM = (
    PROJECT + '[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = "local"\nurl = "{local}"\n'
    "verify_ssl = false\n"
)


@dataclass(frozen=True, slots=True)
class Case:
    """One tool, and how an app declares its dependencies for it."""

    name: str
    file: str = "requirements.txt"
    text: str = "{lines}"
    lock: Lock | None = None
    installer: str = "uv"


CASES = [
    Case("uv-pip"),
    Case("pip", installer="pip"),
    Case("uv", "pyproject.toml", UV, lock_uv),
    Case("poetry", "pyproject.toml", POETRY, lock_poetry),
    Case("pdm", "pyproject.toml", PDM, lock_pdm),
]


@dataclass(frozen=True, slots=True)
class Builds:
    """An app that is built again and again, with a buildpack before ours that brings a library."""

    root: Path
    index: WheelIndex
    mirror: Source
    library: Path

    @property
    def compiled(self) -> list[str]:
        """Return what was compiled up to now, by name."""
        counter = self.root / "compiled.txt"
        return counter.read_text(encoding="utf-8").split() if counter.exists() else []

    @property
    def kept(self) -> set[str]:
        """Return the files of compiled wheels that the next build gets back."""
        names: set[str] = set()
        for layer in self.root.glob("state/cache/*.tar"):
            with tarfile.open(layer) as archive:
                names.update(name for name in archive.getnames() if "built-wheels-" in name)
        return names

    def declare(self, case: Case, *names: str) -> None:
        """Write the app, needing these, and lock it if that is the manager's way."""
        names = tuple(f"{name}==1.0" for name in names)
        text = case.text.format(
            lines="".join(f"{name}\n" for name in names),
            names=", ".join(f'"{name}"' for name in names),
            here=index_url(),
            local=self.index.url,
        )
        app = write_app(self.root / "app", {**MAIN, case.file: text})
        if case.lock is not None:
            for lock in app.glob("*.lock"):
                lock.unlink()
            case.lock(app, self.root / "lock", self.root / "lock-layers")

    def build(self, case: Case, **env: str) -> Built:
        """Build the app as it is now."""
        variables = {
            "BP_PYTHON_INVENTORY": str(self.mirror.inventory),
            "PIP_EXTRA_INDEX_URL": self.index.url,
            "BP_PYTHON_INSTALLER": case.installer,
            **env,
        }
        return built(build(Request((self.library, CHECKOUT), self.root / "app", self.root / "state", env=variables)))

    def run(self) -> str:
        """Return what the app prints."""
        with launch(self.root / "state") as running:
            running.wait()
            return running.log


@pytest.fixture
def builds(tmp_path: Path, mirror: Source) -> Iterator[Builds]:
    with serve_wheels(tmp_path / "index") as index:
        publish_source(index, "terragem", tmp_path / "compiled.txt", "gemstone.h", ("gemstone",), "gemstone()")
        publish_source(index, "terrastone", tmp_path / "compiled.txt")
        index.add(light("terrafeather", "1.0"))
        yield Builds(tmp_path, index, mirror, library_buildpack(tmp_path / "library"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_extension_is_compiled_once(builds: Builds, case: Case) -> None:
    """Header and library of an earlier buildpack are found; a changed build takes the wheel that the first one made."""
    builds.declare(case, "terragem")
    builds.build(case)
    assert builds.compiled == ["terragem"]
    assert "the answer is 7" in builds.run()
    builds.declare(case, "terragem", "terrafeather")
    second = builds.build(case)
    assert builds.compiled == ["terragem"]
    assert "Compiled by earlier builds, and not again where they fit: terragem 1.0" in one_line(second.log)
    assert "the answer is 7" in builds.run()


def test_what_has_to_be_built_gets_the_whole_interpreter(builds: Builds) -> None:
    """A rebuild has only what installs wheels on disk, without headers; a new dependency without a wheel needs more."""
    case = CASES[0]
    builds.declare(case, "terrafeather")
    builds.build(case)
    builds.declare(case, "terrafeather", "terragem")
    second = builds.build(case)
    assert builds.compiled == ["terragem"]
    assert "Not all of it can be installed from wheels, so the whole interpreter is put back" in one_line(second.log)
    assert "ONLY_BINARY" not in second.log
    assert "the answer is 7" in builds.run()


def test_a_compiled_extension_is_the_same_each_time(builds: Builds) -> None:
    """Neither the directory that it was compiled in nor the time shows; kept or compiled anew, the layer is equal."""
    case = CASES[0]
    builds.declare(case, "terragem")
    first = packages_of(builds.build(case))
    shutil.rmtree(builds.root / "state")
    assert packages_of(builds.build(case)) == first
    builds.declare(case, "terragem", "terrafeather")
    builds.build(case)
    builds.declare(case, "terragem")
    assert packages_of(builds.build(case)) == first
    assert builds.compiled == ["terragem", "terragem"]


def packages_of(result: Built) -> str:
    """Return the digest of the layer with the packages."""
    (digest,) = [layer.digest for layer in result.layers if layer.name == "dependencies" and layer.types.launch]
    return digest


def test_what_is_kept_is_what_is_used(builds: Builds) -> None:
    """A wheel leaves with its package, and the file with the last wheel; other options have it compiled again.

    So has the removal of a package that was compiled beside it: its code could have changed this wheel.
    """
    case = CASES[0]
    builds.declare(case, "terragem", "terrastone")
    builds.build(case)
    assert sorted(builds.compiled) == ["terragem", "terrastone"]
    kept = builds.kept
    assert len({name.removesuffix(".sources") for name in kept}) == 1
    builds.build(case)
    assert builds.kept == kept, "a build that installs nothing keeps the file"
    builds.declare(case, "terragem")
    builds.build(case)
    builds.declare(case, "terragem", "terrastone")
    builds.build(case)
    assert builds.compiled[2:] == ["terragem", "terrastone"], "one when the other left, and the other when it came back"
    builds.declare(case, "terragem", "terrafeather")
    builds.build(case, CFLAGS="-O1")
    assert builds.compiled[4:] == ["terragem"], "other options give another wheel"
    builds.declare(case, "terrafeather")
    builds.build(case, CFLAGS="-O1")
    assert builds.kept == set(), "with nothing compiled there is no file"
