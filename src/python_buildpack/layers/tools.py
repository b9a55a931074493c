"""The ``tools`` layer: Poetry, Pipenv, PDM or pip, in a virtual environment of the buildpack's interpreter.

It is cached and never part of the image. It contains the environment as one file: the lifecycle restores it also in
builds that do not need the tool, and thousands of small files would be slow. A tool is installed only if it is needed.
The layer's metadata has the digest of the file, and a file with another one is thrown away: the app's code and the code
of packages run in builds, too, and can write into the layer.
"""

import hashlib
import platform
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, cast

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen, replace
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, Reuse, Reused
from cnb.trees import remove
from python_buildpack.layers.info import LayerInfo
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.secrets.redact import last_lines
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.tools.pinned import PinnedTool, from_package, pinned_environment
from python_buildpack.tools.uv import Uv

NAME = "tools"
ARCHIVE = "environment.tar"

INFO = LayerInfo(NAME, "cache", "Poetry, Pipenv, PDM or pip, for apps that need one", "another version of the tool")


class ToolNotInstalled(BuildpackError):
    """Poetry, Pipenv or PDM, in the version that this buildpack pins, could not be installed."""

    code = "tool-not-installed"
    title = "The package manager itself could not be installed"
    remedies = ("network",)


@frozen
class ToolKey:
    """All that decides the environment of a tool."""

    tool: str = labelled("the package manager")
    pins: str = labelled("the package manager's pinned distributions")
    interpreter: str = labelled("the buildpack's interpreter")


@frozen
class ToolsLayer:
    """Implements tools.pinned.Tools. The layer contains one tool at a time."""

    layers: Layers
    uv: Uv
    runner: CommandRunner
    env: Mapping[str, str]
    report: Callable[[str], None]
    """Called with a line for the log: which version runs, and if the tool of an earlier build is thrown away."""
    ready: set[Path] = field(default_factory=set)
    """The directories into which this build has unpacked or installed a tool."""

    def with_runner(self, runner: CommandRunner) -> "ToolsLayer":
        """Return the same layer, whose tools are run by ``runner``."""
        return replace(self, runner=runner)

    def has(self, tool: PinnedTool) -> bool:
        """Return whether an earlier build has left this tool, in this version."""
        return isinstance(self.layers.decide(self._spec(tool)), Reuse)

    def keep(self, tool: PinnedTool) -> None:
        """Keep the tool of an earlier build in the cache; install nothing if there is none."""
        if self.has(tool):
            self.layers.provide(self._spec(tool), lambda _: LayerContent())

    def unpack_again(self) -> None:
        """Take note that programs may have changed the tools that this build has unpacked."""
        self.ready.clear()

    def run(self, tool: PinnedTool, argv: tuple[str, ...], command: Command) -> Finished:
        """Run the tool with ``argv``; install it first if needed. Of ``command``, all but its argv is used.

        It installs, so its output is private, and shortened where it is shown.

        Raises ToolNotInstalled.
        """
        # -I: the tool must import nothing from PYTHONPATH and the app's directory.
        whole = (str(self._unpacked(tool) / "bin" / "python"), "-I", "-B", "-m", tool.name, *argv)
        return self.runner.run(replace(command, argv=whole, is_private=True))

    def _unpacked(self, tool: PinnedTool) -> Path:
        """Return the directory of the tool's environment, among this build's temporary files."""
        folder = self.uv.scratch / "unpacked" / tool.name
        if folder in self.ready and folder.is_dir():
            return folder
        # A program of the build may have made it.
        remove(folder)
        state = self.layers.provide(self._spec(tool), lambda _: self._install(tool, folder))
        if isinstance(state, Reused) and not self._unpack(state.metadata, folder):
            self.layers.forget(NAME)
            self.layers.provide(self._spec(tool), lambda _: self._install(tool, folder))
        self.ready.add(folder)
        self.report(f"By {tool.name} {tool.version}")
        return folder

    def _unpack(self, metadata: Mapping[str, str], folder: Path) -> bool:
        """Unpack the tool of an earlier build, and say whether its archive is what was written then."""
        with self._archive(metadata).opened() as file:
            if file is None:
                return False
            with tarfile.open(fileobj=file) as archive:
                # "data" would refuse the link to the interpreter, which is absolute.
                archive.extractall(folder, filter="tar")
        return True

    def _archive(self, metadata: Mapping[str, str]) -> CachedFile:
        return CachedFile(self.layers.path(NAME) / ARCHIVE, dict(metadata), self.report)

    def _spec(self, tool: PinnedTool) -> LayerSpec:
        pins = hashlib.sha256(tool.pins.read_bytes()).hexdigest()
        interpreter = f"{self.uv.python} {platform.python_version()}"
        return LayerSpec(NAME, LayerTypes(cache=True), ToolKey(tool.name, pins, interpreter))

    def _install(self, tool: PinnedTool, folder: Path) -> LayerContent:
        uv = str(self.uv.executable())
        env = pinned_environment(self.uv, self.env)
        make = ("venv", "--quiet", "--no-project", "--no-config", "--python", str(self.uv.python), str(folder))
        fill = ("pip", "install", "--quiet", "--no-config", "--python", str(folder), "--requirements", str(tool.pins))
        for argv in (make, (*fill, "--require-hashes", "--no-deps", *from_package(self.uv, tool))):
            finished = self.runner.run(Command((uv, *argv), env, show=False))
            if finished.status != 0:
                raise ToolNotInstalled(
                    f"{tool.name} could not be installed: {last_lines(finished.output, 1000)}",
                    "Check that the package index can be reached and has the versions named, then build again. In a "
                    f"network without one, use a package made with ./dev package --offline --tool {tool.name}.",
                )
        kept = self._archive({})
        with kept.written() as stream, tarfile.open(fileobj=cast("IO[bytes]", stream), mode="w|") as archive:
            archive.add(folder, arcname=".")
        return LayerContent(metadata=kept.digests)
