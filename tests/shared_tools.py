"""Poetry, PDM, Pipenv and pip, installed once on a machine and used by all tests that run a manager without a build.

Each is installed as a build does it, from the same pins. Two things differ. Its bytecode is compiled, because otherwise
every run compiles all of it anew, which takes longer than its work. And it sleeps a fiftieth of the time between two
attempts on an index: how long that is cannot be configured, and none of these tests is about it.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cnb.layers import Layers
from devkit.install_context import build_environment
from devkit.mirror.store import locked
from devkit.paths import CHECKOUT, kept
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.tools.pinned import PinnedTool
from python_buildpack.tools.uv import Uv

IMPATIENT = "import time; time.sleep = (lambda sleep: lambda seconds: sleep(seconds / 50))(time.sleep)\n"
"""A line of a .pth file, which each start of Python runs."""


@dataclass(frozen=True, slots=True)
class SharedTools:
    """Implements tools.pinned.Tools by a build's layer, which finds its tools installed already."""

    layer: ToolsLayer

    def with_runner(self, runner: CommandRunner) -> "SharedTools":
        """Return the same, with another runner of programs."""
        return SharedTools(self.layer.with_runner(runner))

    def has(self, tool: PinnedTool) -> bool:
        """Return whether an earlier build has left this tool."""
        return self.layer.has(tool)

    def keep(self, tool: PinnedTool) -> None:
        """Keep the tool's layer of an earlier build."""
        self.layer.keep(tool)

    def unpack_again(self) -> None:
        """Do nothing: no code of packages runs that changes them."""

    def run(self, tool: PinnedTool, argv: tuple[str, ...], command: Command) -> Finished:
        """Run the tool with ``argv``."""
        folder = self.layer.uv.scratch / "unpacked" / tool.name
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            folder.symlink_to(_installed(tool))
            self.layer.ready.add(folder)
        return self.layer.run(tool, argv, command)


@cache
def _installed(tool: PinnedTool) -> Path:
    """Return the environment of a tool, which is made by the first test on this machine that asks for it."""
    identity = f"{sys.executable} {platform.python_version()} {IMPATIENT} {tool.pins.read_text(encoding='utf-8')}"
    place = kept() / "tools-of-tests" / f"{tool.name}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    folder, finished = place / "unpacked" / tool.name, place / "finished"
    with locked(place):
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            env = build_environment(place / "home")
            uv, runner = Uv(CHECKOUT, place, Path(sys.executable)), SubprocessRunner()
            layer = ToolsLayer(Layers(place / "layers"), uv, runner, env, print)
            made = layer.run(tool, ("--version",), Command((), env, cwd=place, show=False))
            assert made.status == 0, made.output
            (library,) = folder.glob("lib/python*")
            (library / "site-packages" / "impatient.pth").write_text(IMPATIENT, encoding="utf-8")
            subprocess.run([folder / "bin" / "python", "-I", "-m", "compileall", "-q", library], check=False)
            for other in (path for path in place.iterdir() if path.is_dir() and path.name != "unpacked"):
                shutil.rmtree(other)
            finished.touch()
    return folder
