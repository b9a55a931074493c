"""Locks a project by the tool that this buildpack pins, as its developer would."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from cnb.layers import Layers
from devkit.errors import DevkitError
from devkit.paths import CHECKOUT
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PDM, PIPENV, POETRY
from python_buildpack.tools.uv import Uv

_PYTHON = f"{sys.base_prefix}/bin/python3"
_TOOLS = {
    "poetry": (POETRY, ("lock", "-n"), {"POETRY_VIRTUALENVS_CREATE": "false"}),
    "pdm": (
        PDM,
        ("lock", "--group", ":all"),
        {"PDM_IGNORE_SAVED_PYTHON": "1", "PDM_PYTHON": _PYTHON, "PDM_CHECK_UPDATE": "0"},
    ),
    "pipenv": (PIPENV, ("lock", "--python", _PYTHON), {"PIPENV_NOSPIN": "1"}),
}


def lock_project(tool: str, app: Path, root: Path, env: Mapping[str, str]) -> None:
    """Write the lock of an app; what the tool needs for it is kept below ``root``. Raises DevkitError."""
    (root / "scratch").mkdir(exist_ok=True)
    (root / "layers").mkdir(exist_ok=True)
    runner = SubprocessRunner()
    uv = Uv(CHECKOUT, root / "scratch", Path(sys.executable))
    tools = ToolsLayer(Layers(root / "layers"), uv, runner, env, report=print)
    pinned, argv, variables = _TOOLS[tool]
    own = {**env, **variables, "PATH": f"{sys.base_prefix}/bin:{env.get('PATH', '')}"}
    own |= {"WORKON_HOME": str(root / "environments")} if tool == "pipenv" else {}
    finished = tools.run(pinned, argv, Command((), own, cwd=app, show=False))
    shutil.rmtree(app / ".venv", ignore_errors=True)
    (app / ".pdm-python").unlink(missing_ok=True)
    if finished.status != 0:
        raise DevkitError(f"{tool} cannot lock the project: {finished.output}")
