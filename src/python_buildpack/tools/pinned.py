"""The tools that are pinned with hashes: Poetry, Pipenv, PDM, pip, and the tools for development."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cnb.frozen import frozen, replace
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.tools.uv import Uv

PINS = Path(__file__).parent / "pins"
WHEELS = Path("tools/wheels")
"""The directory in an offline package with the wheels of its tools and of all their dependencies."""


@frozen
class PinnedTool:
    """A tool; its distribution and its module have the same name."""

    name: str
    oldest_python: str = "3.11"
    """The oldest minor version of Python that runs it; package managers run on the buildpack's own."""

    @property
    def pins(self) -> Path:
        """The requirements file with the versions and hashes of the tool and all its dependencies."""
        return PINS / f"{self.name}.txt"

    @property
    def version(self) -> str:
        """The pinned version; of several, for several Pythons, the last one."""
        prefix = f"{self.name}=="
        lines = self.pins.read_text(encoding="utf-8").splitlines()
        return [line.removeprefix(prefix).split()[0] for line in lines if line.startswith(prefix)][-1]


POETRY = PinnedTool("poetry")
PIPENV = PinnedTool("pipenv")
PDM = PinnedTool("pdm")
PIP = PinnedTool("pip")
WATCHFILES = PinnedTool("watchfiles", oldest_python="3.9")
DEBUGPY = PinnedTool("debugpy", oldest_python="3.9")

MANAGERS = (POETRY, PIPENV, PDM)
"""The package managers that an offline package may include. It always includes pip."""
PINNED_TOOLS = (*MANAGERS, PIP, WATCHFILES, DEBUGPY)
"""All tools; ``./dev refresh locks`` writes the pins of each."""


class Tools(Protocol):
    """Installs and runs pinned tools."""

    def with_runner(self, runner: CommandRunner) -> "Tools":
        """Return the same, with another runner of programs."""

    def has(self, tool: PinnedTool) -> bool:
        """Return whether an earlier build has left this tool, in this version."""

    def keep(self, tool: PinnedTool) -> None:
        """Keep the tool's layer of an earlier build for the next build; a missing tool is not installed."""

    def unpack_again(self) -> None:
        """Take note that programs may have changed the tools that this build has unpacked."""

    def run(self, tool: PinnedTool, argv: tuple[str, ...], command: Command) -> Finished:
        """Run the tool with ``argv``; it is installed first if needed. Raises ToolNotInstalled.

        ``command`` gives environment, directory and display; its own ``argv`` is not used.
        """


@frozen
class AskedTools:
    """Implements Tools: asks a function before a tool runs, which may raise an error."""

    tools: Tools
    before: Callable[[PinnedTool], None]

    def with_runner(self, runner: CommandRunner) -> "AskedTools":
        """Return the same, with another runner of programs."""
        return replace(self, tools=self.tools.with_runner(runner))

    def has(self, tool: PinnedTool) -> bool:
        """Return whether an earlier build has left this tool."""
        return self.tools.has(tool)

    def keep(self, tool: PinnedTool) -> None:
        """Keep the tool of an earlier build."""
        self.tools.keep(tool)

    def unpack_again(self) -> None:
        """Take note that programs may have changed the tools that this build has unpacked."""
        self.tools.unpack_again()

    def run(self, tool: PinnedTool, argv: tuple[str, ...], command: Command) -> Finished:
        """Ask, and run the tool. Raises ToolNotInstalled, and what the function raises."""
        self.before(tool)
        return self.tools.run(tool, argv, command)


def pinned_environment(uv: Uv, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which uv installs pinned tools.

    Its cache is a new one, in which no program of the build can have written before: uv checks the hash of what it
    downloads, but not of what it finds in its cache, and the tools are kept for later builds.
    """
    environment = uv.environment(env)
    environment["UV_CACHE_DIR"] = tempfile.mkdtemp(prefix="tools-cache-", dir=uv.scratch)
    # The user's options of pip and uv are for the app's dependencies and must not change the tool's.
    for name in ("UV_CONSTRAINT", "UV_OVERRIDE", "UV_NO_BINARY", "UV_ONLY_BINARY", "UV_NO_DEPS", "UV_PRERELEASE"):
        environment.pop(name, None)
    return environment


def from_package(uv: Uv, tool: PinnedTool) -> tuple[str, ...]:
    """Return uv's options to take the tool from the buildpack's package, if that includes it; else none."""
    wheels = uv.buildpack_dir / WHEELS
    is_included = next(wheels.glob(f"{tool.name}-*.whl"), None) is not None
    return ("--offline", "--no-index", "--find-links", str(wheels)) if is_included else ()


def tool_environment(env: Mapping[str, str], venv: Path) -> dict[str, str]:
    """Return the environment for a tool, in which ``venv`` is the active virtual environment.

    Not on PATH, though activating it would do that: while the tool still builds packages, those that it has installed
    could bring a program named ``git`` or ``gcc``.
    """
    return {**env, **system_certificates(env), "VIRTUAL_ENV": str(venv)}
