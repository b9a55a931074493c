"""What people read when a dependency cannot be compiled, from the real tools' own output."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from compiled_source import publish_source
from manager_context import empty_environment, index_url, install_context, lock_pdm, lock_poetry, write_app
from python_buildpack.package_managers.failures.builds import CompilerMissing, HeaderMissing
from python_buildpack.package_managers.failures.errors import InstallerKilled
from python_buildpack.package_managers.registry import manager_named
from wheel_index import WheelIndex, serve_wheels

pytestmark = [pytest.mark.network, pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")]

NEEDED = ("sh", "env", "uname", "tar", "rm", "mkdir")
PROJECT = """[project]
name = "hello-app"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["{name}"]
"""
POETRY = (
    '[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "here"\nurl = "{here}"\n'
    '[[tool.poetry.source]]\nname = "local"\nurl = "{local}"\npriority = "supplemental"\n'
)
PDM = '[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = "local"\nurl = "{local}"\nverify_ssl = false\n'


@dataclass(frozen=True, slots=True)
class Failing:
    """An app of a manager that needs one package from a local index."""

    root: Path
    index: WheelIndex

    def install(
        self, manager: str, name: str, path: str, settings: dict[str, str] | None = None, compiler: str = "cc"
    ) -> None:
        """Install the package where only the programs on ``path`` are to be had."""
        where = {"here": index_url(), "local": self.index.url, "name": name}
        # pip goes on after a package that failed, and builds the others.
        others = "terragem\n" if settings == {"BP_PYTHON_INSTALLER": "pip"} and name == "terrapostgres" else ""
        texts = {"poetry": PROJECT + POETRY, "pdm": PROJECT + PDM, "requirements.txt": f"{{name}}\n{others}"}
        file = manager if manager == "requirements.txt" else "pyproject.toml"
        app = write_app(self.root / f"app-{name}", {file: texts[manager].format(**where)})
        locks = {"poetry": lock_poetry, "pdm": lock_pdm}
        if manager in locks:
            locks[manager](app, self.root / "lock", self.root / "layers")
        bench = install_context(app, self.root / f"work-{name}", self.root / "layers", settings)
        bench = replace(bench, env={**bench.env, "PATH": path, "CC": compiler, "PIP_EXTRA_INDEX_URL": self.index.url})
        venv = self.root / f"venv-{name}"
        empty_environment(venv)
        found = manager_named(manager, bench.settings)
        found.install(bench, found.resolve(bench), venv)


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Failing]:
    with serve_wheels(tmp_path / "index") as index:
        publish_source(index, "terragem", tmp_path / "compiled.txt")
        publish_source(index, "terrapostgres", tmp_path / "compiled.txt", "libpq-fe.h")
        publish_source(index, "terraobscure", tmp_path / "compiled.txt", "never/heard-of.h")
        yield Failing(tmp_path, index)


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """Return a PATH without a compiler."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return str(folder)


@pytest.mark.parametrize(
    ("manager", "installer"),
    [("requirements.txt", "uv"), ("requirements.txt", "pip"), ("poetry", "uv"), ("pdm", "uv")],
    ids=["uv", "pip", "poetry", "pdm"],
)
def test_the_package_and_what_is_missing_are_named(
    failing: Failing, bare_path: str, manager: str, installer: str
) -> None:
    """Without a compiler, and with one but without a header: the package, why it was built, and what to do."""
    settings = {"BP_PYTHON_INSTALLER": installer}
    with pytest.raises(CompilerMissing) as no_compiler:
        failing.install(manager, "terragem", bare_path, settings)
    assert no_compiler.value.what.startswith("terragem")
    assert "it has no wheel for this Python and platform" in no_compiler.value.what
    assert "build-essential" in no_compiler.value.cure
    with pytest.raises(HeaderMissing) as no_header:
        failing.install(manager, "terrapostgres", f"{bare_path}:/usr/bin:/bin", settings)
    assert no_header.value.what.startswith("terrapostgres")
    assert "libpq-dev" in no_header.value.what
    assert "libpq-dev" in no_header.value.cure


def test_a_header_that_is_in_no_table_is_named_itself(failing: Failing) -> None:
    """Of a header that we do not know, its name is what helps."""
    with pytest.raises(HeaderMissing, match=r"terraobscure.*never/heard-of\.h"):
        failing.install("requirements.txt", "terraobscure", "/usr/bin:/bin")


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("victim", ["$$", "$PPID"], ids=["compiler", "driver"])
def test_a_compiler_that_the_system_killed(failing: Failing, tmp_path: Path, installer: str, victim: str) -> None:
    """As the kernel does when memory runs out: the package is named, and that it wants more memory."""
    proper = tmp_path / "cc1"
    proper.write_text(f"#!/bin/sh\nkill -KILL {victim}\n", encoding="utf-8")
    proper.chmod(0o755)
    settings = {"BP_PYTHON_INSTALLER": installer}
    with pytest.raises(InstallerKilled) as killed:
        failing.install("requirements.txt", "terragem", "/usr/bin:/bin", settings, compiler=f"gcc -B{tmp_path}")
    assert killed.value.what.startswith("terragem")
    assert "most likely out of memory" in killed.value.what
    assert "MAX_JOBS" in killed.value.cure
