"""The same app for each package manager: its project file and its lock, made at run time as both name the index."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.errors import DevkitError
from devkit.install_context import build_environment
from devkit.pack.commands import run, tail
from devkit.paths import CHECKOUT
from devkit.small_wheels import write_wheel
from devkit.tool_locks import lock

REQUIREMENTS = "requirements.txt"
MANAGERS = (REQUIREMENTS, "uv", "poetry", "pdm", "pipenv", "pylock")
"""In the order of the table. The first is what an app of benchmarks/apps is written for."""
SEPARATOR = "-by-"
"""Between the app and the manager in the name of what is built: small-by-poetry."""
FOR_OTHER_SYSTEMS = ("colorama",)
"""What locks for all systems name besides the packages of the apps. It is installed on none of ours, so it is empty."""
UV = CHECKOUT / ".venv" / "bin" / "uv"
"""The uv of the developers, of the pinned version."""


@dataclass(frozen=True, slots=True)
class Pins:
    """The project of an app: what it requires, and from where."""

    direct: Mapping[str, str]
    """The versions of its direct dependencies."""
    python: str
    """The minor version of Python."""
    program: Path
    """A Python of that version, for the tools to lock with."""
    index: str
    """The address of the simple index."""


def write_project(manager: str, pins: Pins, app: Path, work: Path) -> None:
    """Replace requirements.txt in ``app`` by the manager's own files, locked by the manager itself.

    What the tools need meanwhile is below ``work``. Raises DevkitError if they cannot lock.
    """
    if manager == "pylock":
        uv(app, pins, "pip", "compile", REQUIREMENTS, "--output-file", "pylock.toml", "--quiet")
        (app / REQUIREMENTS).unlink()
        return
    (app / REQUIREMENTS).unlink()
    name = "Pipfile" if manager == "pipenv" else "pyproject.toml"
    (app / name).write_text(_FILES[manager](pins), encoding="utf-8")
    if manager == "uv":
        uv(app, pins, "lock")
    else:
        lock(manager, app, work, build_environment(work / "home"), pins.program)


def write_for_other_systems(folder: Path) -> None:
    """Write the wheels of FOR_OTHER_SYSTEMS."""
    for name in FOR_OTHER_SYSTEMS:
        write_wheel(folder, name, "1.0", {f"{name}.py": b""})


def uv(app: Path, pins: Pins, *arguments: str) -> None:
    """Run uv in ``app`` with this index and Python, and no configuration. Raises DevkitError if it fails."""
    argv = [str(UV), *arguments, "--default-index", pins.index, "--python", str(pins.program), "--no-config"]
    finished = run(argv, cwd=app, env={"UV_NO_FIND_LINKS": "1", "UV_FIND_LINKS": ""})
    if finished.status != 0:
        raise DevkitError(f"uv {arguments[0]} failed for {app.name}:\n{tail(finished.output)}")


def _project(pins: Pins) -> str:
    lines = "".join(f'    "{name}=={version}",\n' for name, version in pins.direct.items())
    head = f'[project]\nname = "bench"\nversion = "1"\nrequires-python = "=={pins.python}.*"\n'
    return f"{head}dependencies = [\n{lines}]\n\n"


def _for_uv(pins: Pins) -> str:
    return f"{_project(pins)}[tool.uv]\npackage = false\nenvironments = [\"sys_platform == 'linux'\"]\n"


def _for_poetry(pins: Pins) -> str:
    source = f'[[tool.poetry.source]]\nname = "bench"\nurl = "{pins.index}"\npriority = "primary"\n'
    return f"{_project(pins)}[tool.poetry]\npackage-mode = false\n\n{source}"


def _for_pdm(pins: Pins) -> str:
    source = f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{pins.index}"\n'
    return f"{_project(pins)}[tool.pdm]\ndistribution = false\n\n{source}"


def _for_pipenv(pins: Pins) -> str:
    source = f'[[source]]\nname = "bench"\nurl = "{pins.index}"\nverify_ssl = false\n\n'
    lines = "".join(f'{name} = "=={version}"\n' for name, version in pins.direct.items())
    return f'{source}[packages]\n{lines}\n[requires]\npython_version = "{pins.python}"\n'


_FILES: Mapping[str, Callable[[Pins], str]] = {
    "uv": _for_uv,
    "poetry": _for_poetry,
    "pdm": _for_pdm,
    "pipenv": _for_pipenv,
}
