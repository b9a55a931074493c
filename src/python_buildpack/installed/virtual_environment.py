"""Makes a virtual environment (PEP 405) with its interpreter."""

from collections.abc import Mapping
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.trees import make_directory, remove
from python_buildpack.ports.interfaces import Command, CommandRunner
from python_buildpack.secrets.redact import last_lines

_SETTINGS = "pyvenv.cfg"


class VirtualEnvironmentFailed(BuildpackError):
    """The interpreter could not make a virtual environment."""

    code = "virtual-environment-failed"
    title = "The virtual environment could not be made"
    remedies = ("image",)


def create_environment(python: Path, venv: Path, env: Mapping[str, str], runner: CommandRunner) -> None:
    """Make an environment without pip at ``venv``. Raises VirtualEnvironmentFailed.

    ``-B`` keeps Python from writing bytecode into the interpreter's directory: ``-I`` ignores PYTHONDONTWRITEBYTECODE.
    """
    argv = (str(python), "-I", "-B", "-m", "venv", "--without-pip", str(venv))
    finished = runner.run(Command(argv, env, show=False))
    if finished.status != 0:
        raise VirtualEnvironmentFailed(
            f"{' '.join(argv)} {finished.ending}: {last_lines(finished.output, 500)}",
            "Check that the build has free space on its disk; if it has, please report this.",
        )


def look_at_environment(venv: Path) -> Mapping[str, str]:
    """Return what makes a directory the environment of its interpreter: pyvenv.cfg, and the links in ``bin``."""
    links = {f"bin/{path.name}": str(path.readlink()) for path in (venv / "bin").iterdir() if path.is_symlink()}
    return {_SETTINGS: (venv / _SETTINGS).read_text(encoding="utf-8"), **links}


def put_back(venv: Path, seen: Mapping[str, str]) -> tuple[str, ...]:
    """Put back what is no longer as it was seen, and return it: a package may bring a script named ``python``.

    uv refuses such a script, other installers write it. Raises FileNotWritten.
    """
    changed = tuple(name for name, content in seen.items() if _content(venv / name) != content)
    make_directory(venv / "bin")
    for name in changed:
        remove(venv / name)
        if name == _SETTINGS:
            (venv / name).write_text(seen[name], encoding="utf-8")
        else:
            (venv / name).symlink_to(seen[name])
    return changed


def _content(path: Path) -> str | None:
    if path.is_symlink():
        return str(path.readlink()) if path.name != _SETTINGS else None
    return path.read_text(encoding="utf-8", errors="replace") if path.name == _SETTINGS and path.is_file() else None
