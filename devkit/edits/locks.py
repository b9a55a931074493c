"""Makes locks with the real tools, as a developer would."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from cnb.layers import Layers
from devkit.errors import DevkitError
from devkit.paths import CHECKOUT
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PDM, POETRY
from python_buildpack.tools.uv import Uv


@cache
def index_url() -> str:
    """Return the package index that pip uses by default."""
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() + "/"


def lock(tool: str, app: Path, work: Path, env: dict[str, str]) -> None:
    """Write the lock of an app. Raises DevkitError if the tool refuses."""
    runner = SubprocessRunner()
    uv = Uv(CHECKOUT, work / "scratch", Path(sys.executable))
    python = f"{sys.base_prefix}/bin/python3"
    env = {**env, "PATH": f"{sys.base_prefix}/bin:{env.get('PATH', '')}"}
    if tool == "uv":
        command = (str(uv.executable()), "lock", "--quiet", "--python", python)
        finished = runner.run(Command(command, env, cwd=app, show=False))
    else:
        tools = ToolsLayer(Layers(work / "layers"), uv, runner, env, report=print)
        pinned, argv, variables = {
            "poetry": (POETRY, ("lock", "-n"), {"POETRY_VIRTUALENVS_CREATE": "false"}),
            "pdm": (PDM, ("lock",), {"PDM_IGNORE_SAVED_PYTHON": "1", "PDM_PYTHON": python, "PDM_CHECK_UPDATE": "0"}),
        }[tool]
        finished = tools.run(pinned, argv, Command((), {**env, **variables}, cwd=app, show=False))
        shutil.rmtree(app / ".venv", ignore_errors=True)
        (app / ".pdm-python").unlink(missing_ok=True)
    if finished.status != 0:
        raise DevkitError(f"{tool} cannot lock the app: {finished.output}")
