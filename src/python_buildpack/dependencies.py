"""The ``dependencies`` layer: the app's virtual environment, with bytecode and nothing of the installer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.layer_env import LayerEnv, Scope
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, Reuse, State
from python_buildpack.bytecode import compile_tree
from python_buildpack.interpreter_layer import InterpreterLayer
from python_buildpack.managers.interface import Manager, Resolution, Workbench, digest
from python_buildpack.managers.uv_failures import PackageIndexUnreachable
from python_buildpack.ports import Command
from python_buildpack.processes.termination import TERMINATION_PTH
from python_buildpack.progress import provide
from python_buildpack.settings import REFRESH

NAME = "dependencies"
INSIDE = "venv"
"""One level down, so that the lifecycle does not put its lib/ on everybody's LD_LIBRARY_PATH."""

DISTRIBUTIONS = "distributions"
"""Name of the fact that lists what is installed, for builds in which the layer itself is not on disk."""


class VirtualEnvironmentFailed(BuildpackError):
    """The app's interpreter could not make a virtual environment."""

    code = "virtual-environment-failed"
    title = "The virtual environment could not be made"


def _labelled(label: str) -> str:
    return field(metadata={"label": label})  # type: ignore[no-any-return] # dataclasses types it as the field's own


@dataclass(frozen=True, slots=True)
class DependenciesKey:
    """All that the content of the layer follows from."""

    buildpack: str = _labelled("the buildpack's version")
    manager: str = _labelled("the package manager")
    installer: str = _labelled("the installer")
    interpreter: str = _labelled("the Python interpreter")
    platform: str = _labelled("the platform")
    declaration: str = _labelled("what the app declares")
    resolution: str = _labelled("the resolved versions")
    path: str = _labelled("the layer's path")


@dataclass(frozen=True, slots=True)
class DependenciesLayer:
    """The virtual environment of one build."""

    layers: Layers
    manager: Manager
    bench: Workbench
    python: InterpreterLayer
    buildpack_version: str
    platform: str
    """Distribution and architecture: compiled extensions fit no other."""
    keep_content: bool
    """Whether a later buildpack of this build needs the packages."""

    @property
    def venv(self) -> Path:
        """Return the virtual environment's directory."""
        return self.layers.path(NAME) / INSIDE

    def provide(self) -> State:
        """Install what the app declares, or leave the previous installation where it is. Raises BuildpackError."""
        resolution = self._resolve()
        self.bench.reporter.line(f"{self.manager.name}: {resolution.because}")
        spec = self._spec(resolution.digest)
        return provide(self.layers, spec, lambda _: self._contribute(resolution), self.bench.reporter)

    def _resolve(self) -> Resolution:
        """Return what to install: by the manager, or as last time where the user or the index leaves no other way."""
        recorded = self._recorded_resolution()
        refresh = self.bench.settings.get(REFRESH)
        if recorded is not None and refresh is not None and refresh.text == "never":
            return recorded
        try:
            return self.manager.resolve(self.bench)
        except PackageIndexUnreachable:
            if recorded is None:
                raise
            self.bench.reporter.warning(
                "The package index cannot be reached",
                "What the app declares is unchanged, so the packages of the previous build are kept.",
            )
            return recorded

    def _recorded_resolution(self) -> Resolution | None:
        """Return the previous build's resolution if all else is as it was, so that its layer can be kept."""
        recorded = self.layers.restored_key(NAME).get("resolution", "")
        same = isinstance(self.layers.decide(self._spec(recorded)), Reuse)
        return Resolution("", "the versions of the previous build are kept", recorded) if same else None

    def _spec(self, resolution: str) -> LayerSpec:
        interpreter = self.python.interpreter
        key = DependenciesKey(
            buildpack=self.buildpack_version,
            manager=self.manager.name,
            installer=f"uv {self.bench.uv.version}",
            interpreter=f"{interpreter.version} ({interpreter.variant}, build {interpreter.build})",
            platform=self.platform,
            declaration=digest(self.manager.declaration(self.bench.project)),
            resolution=resolution,
            path=str(self.venv),
        )
        keep = self.keep_content
        return LayerSpec(NAME, LayerTypes(launch=True, build=keep, cache=keep), key)

    def _contribute(self, resolution: Resolution) -> LayerContent:
        with self.python.on_disk() as python:
            self._make_environment(python)
            self.manager.install(self.bench, resolution, self.venv)
            for leftover in self._leftovers():
                leftover.unlink()
            for site_packages in self.venv.glob("lib/python*/site-packages"):
                (site_packages / "terrarium_sigterm.pth").write_text(TERMINATION_PTH, encoding="utf-8")
            compile_tree(python, self.venv / "lib", self.bench.runner)
        installed = sorted(read_distributions(self.venv))
        env = LayerEnv()
        for scope in (Scope.LAUNCH, Scope.BUILD) if self.keep_content else (Scope.LAUNCH,):
            env = env.prepend("PATH", str(self.venv / "bin"), delimiter=":", scope=scope)
        return LayerContent(env=env, facts={DISTRIBUTIONS: " ".join(installed)})

    def _make_environment(self, python: Path) -> None:
        argv = (str(python), "-I", "-m", "venv", "--without-pip", str(self.venv))
        finished = self.bench.runner.run(Command(argv, self.bench.env, show=False))
        if finished.status != 0:
            raise VirtualEnvironmentFailed(
                f"{' '.join(argv)} ended with status {finished.status}: {finished.output.strip()[-500:]}",
                "Check that the build has space left on its disk; if it has, please report this.",
            )

    def _leftovers(self) -> Iterator[Path]:
        """Yield what differs from build to build or is of no use at launch."""
        yield from self.venv.glob(".lock")
        yield from self.venv.glob("bin/[Aa]ctivate*")
        yield from self.venv.glob(".gitignore")
        yield from self.venv.glob("CACHEDIR.TAG")


def read_distributions(venv: Path) -> Iterator[str]:
    """Yield ``name==version`` of all that is installed, from the names of the metadata directories (PEP 376)."""
    for path in venv.glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        yield f"{canonicalize_name(name)}=={version}"


def installed_names(facts: Mapping[str, str]) -> frozenset[str]:
    """Return the normalised names in a layer's facts."""
    return frozenset(item.partition("==")[0] for item in facts.get(DISTRIBUTIONS, "").split())
