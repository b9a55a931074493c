"""Managers on a plain virtual environment, without a build: real uv, real tools, real processes."""

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cnb.frozen import replace
from devkit.install_context import Log, build_environment, install_context, log_of
from devkit.paths import CHECKOUT
from devkit.tool_locks import PYTHON, lock_command, lock_environment, remove_rest_of_lock
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.package_managers.interface import InstallContext, Manager
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PinnedTool
from shared_tools import SharedTools

__all__ = ["CHECKOUT", "PYTHON", "Log", "build_environment", "install_context"]


@dataclass(frozen=True, slots=True)
class Installation:
    """What an app was turned into."""

    venv: Path
    log: Log
    resolution: str

    @property
    def names(self) -> set[str]:
        """Return the names of all that is installed."""
        found = self.venv.glob("lib/python*/site-packages/*.dist-info")
        return {path.name.partition("-")[0].lower() for path in found}

    def run(self, code: str, cwd: Path) -> str:
        """Return what Python prints, from a directory that is not the app's."""
        argv = [str(self.venv / "bin" / "python"), "-I", "-B", "-c", code]
        return subprocess.run(argv, cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def write_app(folder: Path, files: Mapping[str, str]) -> Path:
    """Write an app and return its directory."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def snapshot(folder: Path) -> dict[str, str]:
    """Return every path below ``folder``, directories too; files with the digest of their content and their mtime."""
    return {path.relative_to(folder).as_posix(): _identity(path) for path in folder.rglob("*")}


def _identity(path: Path) -> str:
    if not path.is_file():
        return "/"
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} of {path.stat().st_mtime_ns}"


def empty_environment(venv: Path) -> None:
    """Make a virtual environment as a build does."""
    create_environment(PYTHON, venv, {}, SubprocessRunner())


def install(name: str, app: Path, work: Path, layers: Path, settings: Mapping[str, str] | None = None) -> Installation:
    """Do with ``app`` what a build does, by the manager of this name, which must be the one that finds a file."""
    context = share_tools(install_context(app, work, layers, settings))
    manager: Manager = manager_named(name, context.settings)
    assert manager.find(context.project) is not None
    resolution = manager.resolve(context)
    venv = work / "venv"
    empty_environment(venv)
    manager.install(context, resolution, venv)
    return Installation(venv, log_of(context), resolution.text)


def share_tools(context: InstallContext) -> InstallContext:
    """Let a context use Poetry, PDM, Pipenv and pip as the tests have installed them: see shared_tools.py."""
    assert isinstance(context.tools, ToolsLayer)
    return replace(context, tools=SharedTools(context.tools))


def run_tool(tool: PinnedTool, app: Path, work: Path, layers: Path, *argv: str, **variables: str) -> None:
    """Run Poetry, Pipenv or PDM in the app's directory, as its developer would: to write a lock."""
    context = share_tools(install_context(app, work, layers))
    env = {**lock_environment(context.env), **variables}
    finished = context.tools.run(tool, argv, Command((), env, cwd=app, show=False))
    assert finished.status == 0, finished.output


@cache
def index_url() -> str:
    """Return the package index of this machine: the one in pip's configuration, else pip's default."""
    configured = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    if configured.returncode == 0:
        return configured.stdout.strip()
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def lock_poetry(app: Path, work: Path, layers: Path) -> None:
    """Lock as the developer of a Poetry project does."""
    _lock("poetry", app, work, layers)


def lock_pdm(app: Path, work: Path, layers: Path) -> None:
    """Lock as the developer of a PDM project does, and leave nothing else behind."""
    _lock("pdm", app, work, layers)


def lock_pipenv(app: Path, work: Path, layers: Path) -> None:
    """Lock as the developer of an app with a Pipfile does."""
    _lock("pipenv", app, work, layers)


def _lock(tool: str, app: Path, work: Path, layers: Path) -> None:
    how = lock_command(tool, work)
    run_tool(how.tool, app, work, layers, *how.argv, **how.variables)
    remove_rest_of_lock(app)


def lock_uv(app: Path, work: Path, layers: Path) -> None:
    """Lock as the developer of a uv project does."""
    assert run_uv(install_context(app, work, layers), ("lock",), show=False).status == 0


def with_index(text: str) -> str:
    """Name this machine's index in the table that has a place for it."""
    return text.replace('name = "here"', f'name = "here"\nurl = "{index_url()}"')


def lock_script(app: Path, script: str, work: Path, layers: Path) -> None:
    """Lock as the developer of a script with inline metadata does."""
    argv = ("lock", "--script", script, "--python", str(PYTHON))
    finished = run_uv(install_context(app, work, layers), argv, show=False)
    assert finished.status == 0, finished.output
