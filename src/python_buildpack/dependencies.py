"""The ``dependencies`` layer: the app's virtual environment, with bytecode and nothing of the installer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_record import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, Reuse, State
from cnb.sbom import Sbom
from cnb.trees import remove
from python_buildpack.bytecode import compile_tree
from python_buildpack.inspection.inspect import inspect_environment
from python_buildpack.interpreter_layer import InterpreterLayer
from python_buildpack.managers.choices import read_choices
from python_buildpack.managers.interface import Manager, Resolution, Workbench, digest
from python_buildpack.managers.uv_failures import PackageIndexUnreachable
from python_buildpack.ports import Command
from python_buildpack.processes.termination import TERMINATION_PTH
from python_buildpack.progress import provide
from python_buildpack.settings import REFRESH
from python_buildpack.stored_tree import NotStored, restore_tree, store_tree

NAME = "dependencies"
INSIDE = "venv"
"""One level down, so that the lifecycle does not put its lib/ on everybody's LD_LIBRARY_PATH."""

DISTRIBUTIONS = "distributions"
"""Name of the fact that lists what is installed, for builds in which the layer itself is not on disk."""

UNCHANGED = "none"
"""Value of the key's last field where the content is what was installed."""


class VirtualEnvironmentFailed(BuildpackError):
    """The app's interpreter could not make a virtual environment."""

    code = "virtual-environment-failed"
    title = "The virtual environment could not be made"


@dataclass(frozen=True, slots=True)
class DependenciesKey:
    """All that the content of the layer follows from."""

    buildpack: str = labelled("the buildpack's version")
    manager: str = labelled("the package manager")
    installer: str = labelled("the installer")
    interpreter: str = labelled("the Python interpreter")
    platform: str = labelled("the platform")
    declaration: str = labelled("what the app declares")
    choices: str = labelled("the chosen groups and extras")
    resolution: str = labelled("the resolved versions")
    path: str = labelled("the layer's path")
    changed_by: str = labelled("the hook whose changes it holds")


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
        state = provide(self.layers, spec, lambda _: self._contribute(resolution), self.bench.reporter)
        # Kept for the next build even by one that has no use for it.
        self._archive()
        return state

    @property
    def facts(self) -> Mapping[str, str]:
        """Return what is known of the provided content."""
        return self.layers.restored_facts(NAME)

    @property
    def identity(self) -> str:
        """Return a digest of all that the provided content follows from."""
        return digest(repr(sorted(self.layers.restored_key(NAME).items())))

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """Lend the virtual environment to a step of the build that runs the app's code. Raises BuildpackError.

        A layer that is reused is not on disk. It is then unpacked from the cache, without bytecode, and removed again.
        Where the cache is lost, the layer is installed anew and exported: with an equal digest, so it is not pushed.
        """
        archive = self._archive()
        is_lent = not self.venv.exists() and restore_tree(archive, self.venv) != NotStored()
        if not self.venv.exists():
            self.bench.reporter.line("The cache has no copy of the packages, which this build has to run")
            self.layers.forget(NAME)
            self.provide()
            archive = self._archive()
        if not archive.exists():
            store_tree(self.venv, archive)
        try:
            yield self.venv
        finally:
            if is_lent and self.layers.restored_key(NAME).get("changed_by") == UNCHANGED:
                remove(self.layers.path(NAME))

    def keep_changes(self, hook: str) -> None:
        """Make what ``hook`` did to the environment part of the layer, which the next build then makes anew."""
        resolution = self.layers.restored_key(NAME)["resolution"]
        aside = self.bench.scratch / "changed"
        self.venv.rename(aside)

        def contribute(path: Path) -> LayerContent:
            del path
            aside.rename(self.venv)
            with self.python.on_disk() as python:
                compile_tree(python, self.venv / "lib", self.bench.runner)
            return self._content()

        self.layers.provide(self._spec(resolution, changed_by=hook), contribute)

    def _archive(self) -> Path:
        return self.python.cache.file(f"dependencies-{self.identity[:16]}.tar.zst")

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

    def _spec(self, resolution: str, changed_by: str = UNCHANGED) -> LayerSpec:
        interpreter = self.python.interpreter
        key = DependenciesKey(
            buildpack=self.buildpack_version,
            manager=self.manager.name,
            installer=f"uv {self.bench.uv.version}",
            interpreter=f"{interpreter.version} ({interpreter.variant}, build {interpreter.build})",
            platform=self.platform,
            declaration=digest(self.manager.declaration(self.bench.project)),
            choices=str(read_choices(self.bench.settings)),
            resolution=resolution,
            path=str(self.venv),
            changed_by=changed_by,
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
            inspect_environment(self.bench, self.venv, self.python.root)
        return self._content()

    def _content(self) -> LayerContent:
        installed = sorted(read_distributions(self.venv))
        env = LayerEnv()
        for scope in (Scope.LAUNCH, Scope.BUILD) if self.keep_content else (Scope.LAUNCH,):
            env = env.prepend("PATH", str(self.venv / "bin"), delimiter=":", scope=scope)
        return LayerContent(env=env, sboms=self._sboms(), facts={DISTRIBUTIONS: " ".join(installed)})

    def _sboms(self) -> tuple[Sbom, ...]:
        from python_buildpack.sbom.describe import environment_sboms  # noqa: PLC0415 - most builds install nothing

        # Several requirements files are named with commas between them.
        files = (self.manager.find(self.bench.project) or "").split(", ")
        lock = "\n".join(text for file in files if (text := self.bench.project.text(file)) is not None)
        return environment_sboms(NAME, self.venv, self.python.interpreter, lock, self.buildpack_version)

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
