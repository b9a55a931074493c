"""Poetry, Pipenv, PDM and pip, and the tools for development: pinned with hashes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cnb.frozen import frozen
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.tools.uv import Uv

PINS = Path(__file__).parent / "pins"
WHEELS = Path("tools/wheels")
"""Within an offline package: the wheels of the tools that it was made with, all that they need among them."""


@frozen
class PinnedTool:
    """A tool, named as its distribution and its module are."""

    name: str

    @property
    def pins(self) -> Path:
        """Return the requirements file with the versions and hashes of the tool and all that it needs."""
        return PINS / f"{self.name}.txt"


POETRY = PinnedTool("poetry")
PIPENV = PinnedTool("pipenv")
PDM = PinnedTool("pdm")
PIP = PinnedTool("pip")
WATCHFILES = PinnedTool("watchfiles")
DEBUGPY = PinnedTool("debugpy")


class Tools(Protocol):
    """Has pinned tools ready to run."""

    def keep(self, tool: PinnedTool) -> None:
        """Keep the tool of an earlier build for the next one, without installing it where there is none."""

    def run(self, tool: PinnedTool, argv: tuple[str, ...], command: Command) -> Finished:
        """Run the tool with ``argv``, installed now if it was not before; ``command`` is how, its argv aside.

        Raises ToolNotInstalled.
        """


def pinned_environment(uv: Uv, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which uv installs pinned tools."""
    environment = uv.environment(env)
    # pip's and uv's options are meant for the app's dependencies: a constraint there must not reach the tool.
    for name in ("UV_CONSTRAINT", "UV_OVERRIDE", "UV_NO_BINARY", "UV_ONLY_BINARY", "UV_NO_DEPS", "UV_PRERELEASE"):
        environment.pop(name, None)
    return environment


def tool_environment(env: Mapping[str, str], venv: Path) -> dict[str, str]:
    """Return the environment in which a tool takes ``venv`` for the active virtual environment."""
    path = f"{venv / 'bin'}:{env.get('PATH', '/usr/bin:/bin')}"
    return {**env, **system_certificates(env), "VIRTUAL_ENV": str(venv), "PATH": path}
