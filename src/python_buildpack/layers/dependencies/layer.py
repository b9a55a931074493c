"""The ``dependencies`` layer: the app's virtual environment, with bytecode and nothing of the installer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from cnb.frozen import frozen
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_metadata import key_strings, labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, Reuse, State
from cnb.sbom import Sbom
from cnb.trees import remove
from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.installed.installer_files import remove_installer_files
from python_buildpack.installed.scrub_credentials import scrub_credentials
from python_buildpack.installed.slim import decide_parts, slim
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.layers.announce import provide
from python_buildpack.layers.dependencies.check import inspect_environment
from python_buildpack.layers.dependencies.conditions import digest_conditions
from python_buildpack.layers.dependencies.own_extensions import OwnExtensions, extension_metadata
from python_buildpack.layers.packages.describe import site_packages
from python_buildpack.layers.packages.layer import PackageLayers
from python_buildpack.layers.packages.reusable import ReusableGroup
from python_buildpack.layers.packages.split import Split
from python_buildpack.layers.packages.split_environment import PACKAGES, EnvironmentSplit, Filled, package_layers
from python_buildpack.layers.python import InterpreterLayer
from python_buildpack.package_managers.built_wheels import reusing_wheels
from python_buildpack.package_managers.choices import read_choices
from python_buildpack.package_managers.failures.errors import (
    DependenciesNotInstalled,
    PackageBuildFailed,
    PackageIndexUnreachable,
)
from python_buildpack.package_managers.interface import InstallContext, Manager, Resolution, digest
from python_buildpack.settings import REFRESH, SPLIT
from python_buildpack.support.stopping import cleanup_after
from python_buildpack.support.stored_tree import restore_trees, store_trees
from python_buildpack.tools.pip_config import read_pip_config

NAME = "dependencies"
SUBDIRECTORY = "venv"
"""One level down, so that the lifecycle does not put its lib/ on everybody's LD_LIBRARY_PATH."""

_INSTALLED = "distributions"
"""Name of the metadata that lists what is installed, for builds in which the layer itself is not on disk."""

_SHARED_BUILDS = "no-build-isolation"
"""What declarations call builds that use the packages of the environment: those must then be there, as a whole."""

_WORTH_TELLING = 100_000
"""Bytes: of less that was left out, the log is silent."""

_NONE: Mapping[str, str] = MappingProxyType({})

UNCHANGED = "none"
"""Value of the key's last field where the content is what was installed."""


@frozen
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
    split: str = labelled("the split into layers")
    slim: str = labelled("the slimming of packages")
    changed_by: str = labelled("the hook whose changes it holds")


@frozen
class DependenciesLayer:
    """The virtual environment of one build."""

    layers: Layers
    manager: Manager
    declaration: str
    """What the app declares. Read once: for files that it names by path, it takes reading all of them."""
    context: InstallContext
    python: InterpreterLayer
    buildpack_version: str
    platform: str
    """Distribution and architecture: compiled extensions fit no other."""
    keep_content: bool
    """Whether a later buildpack of this build needs the packages."""

    @property
    def venv(self) -> Path:
        """Return the virtual environment's directory."""
        return self.layers.path(NAME) / SUBDIRECTORY

    @property
    def roots(self) -> Mapping[str, Path]:
        """Return the directories that packages are in, which need not be on disk, by the layers' names."""
        names = package_layers(self.metadata)
        return {NAME: self.venv, **dict(zip(names, self._packages.roots(names), strict=True))}

    def provide(self) -> State:
        """Install what the app declares, or leave the previous installation where it is. Raises BuildpackError."""
        before = self.identity
        resolution = self._resolve()
        self.context.reporter.line(f"{self.manager.name}: {resolution.because}")
        spec = self._spec(resolution.digest)
        if isinstance(self.layers.decide(spec), Reuse):
            self._keep_packages()
            if not self._own_extensions.is_kept(self.metadata, self.identity):
                self.layers.forget(NAME)
        state = provide(self.layers, spec, lambda _: self._contribute(resolution, before), self.context.reporter)
        # Kept for the next build even by one that has no use for it.
        self._archives()
        self._divider.archive(self.identity)
        self._own_extensions.keep(self.metadata, self.identity)
        return state

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return what is known of the provided content."""
        return self.layers.restored_metadata(NAME)

    @property
    def installed(self) -> InstalledDistributions:
        """Return what is installed, also where the layer is not on disk."""
        return InstalledDistributions.parse(self.metadata.get(_INSTALLED, ""))

    @property
    def identity(self) -> str:
        """Return a digest of all that the provided content follows from."""
        return digest(repr(sorted(self.layers.restored_key(NAME).items())))

    @contextmanager
    def restored(self, beside: Callable[[], object]) -> Iterator[Path]:
        """Lend the virtual environment to a step of the build that runs the app's code. Raises BuildpackError.

        ``beside`` puts on disk what else the step needs, at the same time: both are mostly the system's work.
        A layer that is reused is not on disk. It is then unpacked from the cache, without bytecode, and removed again.
        Where the cache is lost, the layer is installed anew and exported: with an equal digest, so it is not pushed.
        """
        lent = tuple(name for name, root in self.roots.items() if not root.exists())

        def take_back() -> None:
            if self.layers.restored_key(NAME).get("changed_by") == UNCHANGED:
                for name in lent:
                    remove(self.layers.path(name))

        with cleanup_after(take_back):
            if not self._restore(lent, beside):
                lent = ()
                self._make_again()
            self._store()
            yield self.venv

    def keep_changes(self, hook: str) -> None:
        """Make what ``hook`` did to the environment part of the layer, which the next build then makes anew."""
        resolution = self.layers.restored_key(NAME)["resolution"]
        metadata = self.metadata
        aside = self.context.scratch / "changed"
        self.venv.rename(aside)

        def contribute(path: Path) -> LayerContent:
            del path
            aside.rename(self.venv)
            self._divider.undo(site_packages(self.venv), metadata)
            scrub_credentials(self.venv, site_packages(self.venv))
            with self.python.restored() as python:
                compile_tree(python, self.venv / "lib", self.context.runner)
            return self._content(Split())

        self.layers.provide(self._spec(resolution, changed_by=hook), contribute)

    def _restore(self, absent: Iterable[str], beside: Callable[[], object]) -> bool:
        """Put these layers on disk from the cache, without bytecode, and say whether all are there."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds lend nothing

        roots, archives = self.roots, self._archives()
        with ThreadPoolExecutor(max_workers=1) as thread:
            other = thread.submit(beside)
            are_there = restore_trees({roots[name]: archives[name] for name in absent})
            other.result()
        return are_there

    def _make_again(self) -> None:
        self.context.reporter.line("The cache has no copy of the packages, which this build has to run")
        self._packages.forget(package_layers(self.metadata))
        self.layers.forget(NAME)
        self.provide()

    def _store(self) -> None:
        """Have the cache keep all packages."""
        roots = self.roots
        store_trees({roots[name]: archive for name, archive in self._archives().items() if not archive.exists()})

    def _keep_packages(self) -> None:
        """Keep the layers that the environment is divided into; if one cannot be kept, the environment cannot."""
        names = package_layers(self.metadata)
        if all(self._packages.is_reusable(name) for name in names):
            for name in names:
                self._packages.keep(name)
        else:
            self.layers.forget(NAME)

    def _archives(self) -> dict[str, Path]:
        """Return where the cache has the packages, by the layers' names. To ask is enough for the next build, too."""
        own = self.python.cache.file(f"dependencies-{self.identity[:16]}.tar.zst")
        return {NAME: own, **self._packages.archives(package_layers(self.metadata))}

    def _resolve(self) -> Resolution:
        """Return what to install: by the manager, or as last time where the user or the index leaves no other way."""
        recorded = self._recorded_resolution()
        refresh = self.context.settings.get(REFRESH)
        if recorded is not None and refresh is not None and refresh.text == "never":
            return recorded
        try:
            return self.manager.resolve(self.context)
        except PackageIndexUnreachable:
            if recorded is None:
                raise
            self.context.reporter.warning(
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
        key = DependenciesKey(
            buildpack=self.buildpack_version,
            manager=self.manager.name,
            installer=f"uv {self.context.uv.version}",
            interpreter=str(self.python.interpreter),
            platform=self.platform,
            declaration=digest(self.declaration),
            choices=str(read_choices(self.context.settings)),
            resolution=resolution,
            path=str(self.venv),
            split="on" if self._is_split else "off",
            slim=self._slimming,
            changed_by=changed_by,
        )
        keep = self.keep_content
        return LayerSpec(NAME, LayerTypes(launch=True, build=keep, cache=keep), key)

    @property
    def _is_split(self) -> bool:
        # Content that is exported in each build all the same gains nothing.
        return self.context.settings.is_on(SPLIT, default=True) and not self.keep_content

    @property
    def _packages(self) -> PackageLayers:
        return PackageLayers(
            layers=self.layers,
            cache=self.python.cache,
            runner=self.context.runner,
            buildpack_version=self.buildpack_version,
            interpreter=str(self.python.interpreter),
            platform=self.platform,
        )

    @property
    def _own_extensions(self) -> OwnExtensions:
        return OwnExtensions(self.context.project.root, self.python.cache)

    @property
    def _divider(self) -> EnvironmentSplit:
        return EnvironmentSplit(
            self._packages, self.python.cache, self.context.reporter, self.context.scratch, self.venv
        )

    def _contribute(self, resolution: Resolution, before: str) -> LayerContent:
        there = self._own_extensions.look()
        with self.python.restored() as python:
            with reusing_wheels(self.context.built_wheels, self.venv):
                filled = self._fill(python, resolution, before)
            remove_installer_files(self.venv, site_packages(self.venv))
            scrub_credentials(self.venv, site_packages(self.venv))
            inspect_environment(self.context, self.venv, self.python.root, filled.libraries)
            self._divider.divide(filled, python)
            compile_tree(python, self.venv / "lib", self.context.runner)
        identity = digest(repr(sorted(key_strings(self._spec(resolution.digest).key).items())))
        self._divider.remember(filled, resolution.text, self._conditions, identity)
        return self._content(filled.split, extension_metadata(there, self._own_extensions.look()))

    def _fill(self, python: Path, resolution: Resolution, before: str) -> Filled:
        """Install everything, but for the heavy packages that are in the previous image already, if that can be."""
        kept = self._divider.recall(before, resolution.text, self._conditions) if self._is_incremental else ()
        if kept and (filled := self._fill_around(kept, python, resolution)) is not None:
            return filled
        create_environment(python, self.venv, self.context.env, self.context.runner)
        self._install(resolution)
        return (self._divider.look(()) if self._is_split else None) or Filled(Split())

    def _fill_around(self, kept: tuple[ReusableGroup, ...], python: Path, resolution: Resolution) -> Filled | None:
        """Install all but what is kept; None, and nothing is there, if that is not what a whole installation gives."""
        create_environment(python, self.venv, self.context.env, self.context.runner)
        self._divider.place(kept)
        try:
            self._install(resolution)
        except (PackageBuildFailed, DependenciesNotInstalled):
            filled = None
        else:
            filled = self._divider.look(kept)
        if filled is None:
            self.context.reporter.line("The packages of the previous build do not fit, so all are installed anew")
            remove(self.venv)
        return filled

    def _install(self, resolution: Resolution) -> None:
        self.manager.install(self.context, resolution, self.venv)
        saved = slim(self.venv, site_packages(self.venv), decide_parts(self.context.settings))
        if saved.size >= _WORTH_TELLING:
            self.context.reporter.line(f"Left out of the packages: {saved}")

    @property
    def _slimming(self) -> str:
        return ", ".join(part.name for part in decide_parts(self.context.settings)) or "off"

    @property
    def _is_incremental(self) -> bool:
        told = f"{self.declaration} {' '.join(self.context.env)}".lower().replace("_", "-")
        return self._is_split and self.manager.is_exact(self.context) and _SHARED_BUILDS not in told

    @property
    def _conditions(self) -> str:
        env = {**read_pip_config(self.context.env), **self.context.env}
        conditions = digest_conditions(self.context.project, self.declaration, env)
        return f"{conditions} slim={self._slimming}"

    def _content(self, split: Split, extensions: Mapping[str, str] = _NONE) -> LayerContent:
        env = LayerEnv()
        for scope in (Scope.LAUNCH, Scope.BUILD) if self.keep_content else (Scope.LAUNCH,):
            env = env.prepend("PATH", str(self.venv / "bin"), delimiter=":", scope=scope)
        installed = InstalledDistributions.read(site_packages(self.venv))
        metadata = {_INSTALLED: str(installed), PACKAGES: " ".join(group.layer for group in split.groups)}
        return LayerContent(env=env, sboms=self._sboms(), metadata={**metadata, **extensions})

    def _sboms(self) -> tuple[Sbom, ...]:
        from python_buildpack.sbom.describe import environment_sboms  # noqa: PLC0415 - most builds install nothing

        # Several requirements files are named with commas between them.
        files = (self.manager.find(self.context.project) or "").split(", ")
        lock = "\n".join(text for file in files if (text := self.context.project.text(file)) is not None)
        return environment_sboms(NAME, self.venv, self.python.interpreter, lock, self.buildpack_version)
