"""Installs a Poetry project by uv, as Poetry would: what the lock says, and the project itself."""

from collections.abc import Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.package_managers.choices import read_choices
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.lock_installer import install_locked, read_plan
from python_buildpack.package_managers.locked import POETRY_LOCK
from python_buildpack.package_managers.locked_list import LockedList, Unsupported
from python_buildpack.package_managers.poetry_lock import Wanted, read_poetry_lock
from python_buildpack.package_managers.poetry_module import warn_of_no_module
from python_buildpack.package_managers.poetry_root import OwnTool, installs_itself
from python_buildpack.package_managers.policy import wheels_only
from python_buildpack.package_managers.source_guard import source_guarded
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.tools.pinned import POETRY, from_package

_NAME = "poetry"


def install_by_uv(context: InstallContext, venv: Path) -> bool:
    """Install by uv, and return whether Poetry has nothing to do any more. Raises BuildpackError."""
    plan = plan_for_uv(context)
    if isinstance(plan, Unsupported):
        context.reporter.line(f"Poetry itself installs, because {plan}")
        return False
    if not install_locked(context, plan.locked, POETRY_LOCK, venv):
        context.reporter.line("uv did not succeed, and has changed nothing, so Poetry itself tries")
        return False
    return not plan.installs_itself or _install_itself(context, plan.tool, venv)


@frozen
class _Plan:
    """How uv installs the project."""

    locked: LockedList
    installs_itself: bool
    tool: OwnTool


def plan_for_uv(context: InstallContext) -> _Plan | Unsupported:
    """Return how uv installs the project, or why it cannot."""

    def read() -> _Plan:
        tool = OwnTool.of(POETRY.pins.read_text(encoding="utf-8"))
        is_own = installs_itself(context.project, tool)
        if is_own and wheels_only(context.settings):
            raise Unsupported("the project itself is installed, and only wheels are allowed")
        if folder := _user_configuration(context.env):
            raise Unsupported(f"{folder} has settings")
        wanted = Wanted(context.python_version, read_choices(context.settings))
        return _Plan(read_poetry_lock(context.project, context.env, wanted), is_own, tool)

    return read_plan(context.settings, _NAME, read)


def _user_configuration(env: Mapping[str, str]) -> Path | None:
    """Return the directory with Poetry's settings of the user whom the build runs as, if there are any."""
    home = env.get("XDG_CONFIG_HOME") or f"{env.get('HOME', '')}/.config"
    folder = Path(home) / "pypoetry"
    return folder if any((folder / name).exists() for name in ("config.toml", "auth.toml")) else None


def _install_itself(context: InstallContext, tool: OwnTool, venv: Path) -> bool:
    """Install the project by uv, and return whether Poetry has nothing to do any more."""
    constraints = context.scratch / "poetry-core.txt"
    constraints.write_text(f"{tool.core}\n", encoding="utf-8")
    argv = (
        *("pip", "install", "--python", str(venv / "bin" / "python"), "--no-deps", "--no-config", "--no-sources"),
        *("--verify-hashes", "--build-constraints", str(constraints), *from_package(context.uv, POETRY)),
        *("--editable", str(context.project.root)),
    )
    with source_guarded(context) as env:
        finished = run_uv(context, argv, env, show=False)
    if finished.status != 0 and warn_of_no_module(context, finished):
        return True
    if finished.status != 0:
        context.reporter.line("uv could not install the project itself, so Poetry tries")
    return finished.status == 0
