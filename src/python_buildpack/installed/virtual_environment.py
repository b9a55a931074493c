"""Makes a virtual environment (PEP 405) with its interpreter."""

from collections.abc import Mapping
from pathlib import Path

from cnb.errors import BuildpackError
from python_buildpack.ports.interfaces import Command, CommandRunner
from python_buildpack.secrets.redact import last_lines


class VirtualEnvironmentFailed(BuildpackError):
    """The interpreter could not make a virtual environment."""

    code = "virtual-environment-failed"
    title = "The virtual environment could not be made"


def create_environment(python: Path, venv: Path, env: Mapping[str, str], runner: CommandRunner) -> None:
    """Make an environment without pip at ``venv``. Raises VirtualEnvironmentFailed.

    ``-B`` keeps Python from writing bytecode into the interpreter's directory: ``-I`` ignores PYTHONDONTWRITEBYTECODE.
    """
    argv = (str(python), "-I", "-B", "-m", "venv", "--without-pip", str(venv))
    finished = runner.run(Command(argv, env, show=False))
    if finished.status != 0:
        raise VirtualEnvironmentFailed(
            f"{' '.join(argv)} ended with status {finished.status}: {last_lines(finished.output, 500)}",
            "Check that the build has free space on its disk; if it has, please report this.",
        )
