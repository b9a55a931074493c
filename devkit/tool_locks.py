"""Makes locks with the real tools, as a developer would."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnb.layers import Layers
from devkit.errors import DevkitError
from devkit.paths import CHECKOUT
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.tools.pinned import PDM, PIPENV, POETRY, PinnedTool
from python_buildpack.tools.uv import Uv

PYTHON = Path(sys.base_prefix) / "bin" / "python3"
"""The Python for which a developer locks: this machine's, outside of any virtual environment."""


@dataclass(frozen=True, slots=True)
class LockCommand:
    """How a tool writes the lock of all groups of the project in the working directory."""

    tool: PinnedTool
    argv: tuple[str, ...]
    variables: Mapping[str, str]


def lock_command(tool: str, work: Path, python: Path = PYTHON) -> LockCommand:
    """Return how ``poetry``, ``pdm`` or ``pipenv`` locks for ``python``; what Pipenv makes for it is below ``work``."""
    match tool:
        case "poetry":
            own = {"POETRY_VIRTUALENVS_CREATE": "false"}
            # Without an environment, it can only lock for the Python that it runs on.
            another = {"POETRY_VIRTUALENVS_CREATE": "true", "POETRY_VIRTUALENVS_PATH": str(work / "environments")}
            return LockCommand(POETRY, ("lock", "-n"), own if python == PYTHON else another)
        case "pdm":
            variables = {"PDM_IGNORE_SAVED_PYTHON": "1", "PDM_PYTHON": str(python), "PDM_CHECK_UPDATE": "0"}
            return LockCommand(PDM, ("lock", "--group", ":all"), variables)
        case "pipenv":
            variables = {"WORKON_HOME": str(work / "environments"), "PIPENV_NOSPIN": "1"}
            return LockCommand(PIPENV, ("lock", "--python", str(python)), variables)
        case other:
            raise ValueError(other)


def lock_environment(env: Mapping[str, str], python: Path = PYTHON) -> dict[str, str]:
    """Return the environment for a tool that locks, which finds ``python`` first."""
    return {**env, "PATH": f"{python.parent}:{env.get('PATH', '')}"}


def remove_rest_of_lock(app: Path) -> None:
    """Remove what a tool leaves in the project besides the lock."""
    shutil.rmtree(app / ".venv", ignore_errors=True)
    (app / ".pdm-python").unlink(missing_ok=True)


def lock(tool: str, app: Path, work: Path, env: Mapping[str, str], python: Path = PYTHON) -> None:
    """Write the lock of a project by ``uv`` or by a tool of ``lock_command``. Raises DevkitError if it refuses."""
    for name in ("scratch", "layers"):
        (work / name).mkdir(parents=True, exist_ok=True)
    finished = _run(tool, app, work, lock_environment(env, python), python)
    remove_rest_of_lock(app)
    if finished.status != 0:
        raise DevkitError(f"{tool} cannot lock the project: {finished.output}")


def _run(tool: str, app: Path, work: Path, env: Mapping[str, str], python: Path) -> Finished:
    runner = SubprocessRunner()
    uv = Uv(CHECKOUT, work / "scratch", Path(sys.executable))
    if tool == "uv":
        argv = (str(uv.executable()), "lock", "--quiet", "--python", str(python))
        return runner.run(Command(argv, env, cwd=app, show=False))
    tools = ToolsLayer(Layers(work / "layers"), uv, runner, env, report=print)
    how = lock_command(tool, work, python)
    return tools.run(how.tool, how.argv, Command((), {**env, **how.variables}, cwd=app, show=False))
