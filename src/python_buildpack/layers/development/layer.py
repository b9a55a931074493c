"""The ``development`` layer: watchfiles, debugpy and the programs that use them.

They have a virtual environment of their own, so that they neither change what the app resolved nor become importable
by the app.
"""

from collections.abc import Mapping
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.files import write_file
from cnb.frozen import frozen
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, State
from cnb.sbom import Sbom
from python_buildpack.decide.development import DEBUG_PROGRAM, LAYER, LIVE_RELOAD_PROGRAM, SUBDIRECTORY
from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.installed.installer_files import remove_installer_files
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.layers.announce import provide
from python_buildpack.layers.info import LayerInfo
from python_buildpack.layers.python import PythonLayer
from python_buildpack.ports.interfaces import Command, CommandRunner, Reporter
from python_buildpack.secrets.redact import last_lines
from python_buildpack.support.digests import digest
from python_buildpack.tools.pinned import PinnedTool, pinned_environment
from python_buildpack.tools.uv import Uv

INFO = LayerInfo(
    LAYER,
    "launch",
    "watchfiles and debugpy, only where BP_LIVE_RELOAD_ENABLED or BP_DEBUG asks for them",
    "another interpreter, another version of the tools",
)

_GROUP_WRITES = 0o020


class DevelopmentToolsNotInstalled(BuildpackError):
    """watchfiles or debugpy, for live reload and the debug process, could not be installed in the pinned version."""

    code = "development-tools-not-installed"
    title = "The tools for development could not be installed"


@frozen
class DevelopmentKey:
    """All that decides the content of the layer."""

    tools: str = labelled("the tools for development")
    programs: str = labelled("the programs that start them")
    interpreter: str = labelled("the Python interpreter")
    platform: str = labelled("the platform")
    path: str = labelled("the layer's path")


@frozen
class DevelopmentLayer:
    """The tools for development of one build."""

    layers: Layers
    tools: tuple[PinnedTool, ...]
    python: PythonLayer
    uv: Uv
    env: Mapping[str, str]
    platform: str
    """Operating system and architecture: both tools have compiled parts."""

    @property
    def venv(self) -> Path:
        """Return the directory of the tools' own virtual environment."""
        return self.layers.path(LAYER) / SUBDIRECTORY

    def provide(self, runner: CommandRunner, reporter: Reporter) -> State:
        """Install the tools, or reuse the layer of the previous build.

        Raises DevelopmentToolsNotInstalled and VirtualEnvironmentFailed.
        """
        key = DevelopmentKey(
            tools=digest("".join(tool.pins.read_text(encoding="utf-8") for tool in self.tools)),
            programs=digest("".join(_programs().values())),
            interpreter=str(self.python.interpreter),
            platform=self.platform,
            path=str(self.venv),
        )
        spec = LayerSpec(LAYER, LayerTypes(launch=True), key)
        return provide(self.layers, spec, lambda path: self._contribute(path, runner), reporter)

    def _contribute(self, path: Path, runner: CommandRunner) -> LayerContent:
        with self.python.restored() as python:
            self._install(python, runner)
            remove_installer_files(self.venv, site_packages(self.venv))
            compile_tree(python, self.venv / "lib", runner)
        for name, text in _programs().items():
            write_file(path / name, text)
        return LayerContent(sboms=self._sboms())

    def _install(self, python: Path, runner: CommandRunner) -> None:
        uv = str(self.uv.executable())
        requirements = [word for tool in self.tools for word in ("--requirements", str(tool.pins))]
        argv = (uv, "pip", "install", "--quiet", "--no-config", "--python", str(self.venv), *requirements)
        env = pinned_environment(self.uv, self.env)
        create_environment(python, self.venv, env, runner)
        argv = (*argv, "--require-hashes", "--no-deps", "--only-binary", ":all:")
        finished = runner.run(Command(argv, env, show=False))
        if finished.status != 0:
            names = " and ".join(tool.name for tool in self.tools)
            raise DevelopmentToolsNotInstalled(
                f"{names} could not be installed: {last_lines(finished.output, 1000)}",
                "Check that the package index can be reached and has the versions named, or build without "
                "BP_LIVE_RELOAD_ENABLED and BP_DEBUG.",
            )

    def _sboms(self) -> tuple[Sbom, ...]:
        from python_buildpack.sbom.describe import environment_sboms  # noqa: PLC0415 - most builds install nothing

        locks = "\n".join(tool.pins.read_text(encoding="utf-8") for tool in self.tools)
        return environment_sboms(LAYER, self.venv, self.python.interpreter, locks, self.python.buildpack_version)


def open_to_group(app: Path) -> None:
    """Make all of the app writable by its group: the users of the build and the run image share only the group."""
    for path in (app, *app.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | _GROUP_WRITES)


def _programs() -> Mapping[str, str]:
    folder = Path(__file__).parent
    return {name: (folder / name).read_text(encoding="utf-8") for name in (DEBUG_PROGRAM, LIVE_RELOAD_PROGRAM)}
