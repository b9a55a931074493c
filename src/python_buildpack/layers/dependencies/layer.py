"""The ``dependencies`` layer: the app's virtual environment, with bytecode and without the installer's files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cnb.frozen import frozen, replace
from cnb.layer_env import LayerEnv, Scope
from cnb.layers import LayerContent, Layers, Reuse, State
from cnb.sbom import Sbom
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.announce import provide
from python_buildpack.layers.cache import Cache, growing_file
from python_buildpack.layers.dependencies.app_inputs import AppInputs
from python_buildpack.layers.dependencies.generated_files import GeneratedFiles, generated_metadata
from python_buildpack.layers.dependencies.inputs import NAME, UNCHANGED, DependenciesInputs
from python_buildpack.layers.dependencies.older_python import OlderPythonNeeded
from python_buildpack.layers.dependencies.resolution import resolve
from python_buildpack.layers.info import LayerInfo
from python_buildpack.layers.packages.layer import PACKAGES, PackageLayers, kept_metadata, package_layers
from python_buildpack.layers.python import PythonLayer
from python_buildpack.layers.stored import StoredLayer, restored_layers
from python_buildpack.layers.unchanged import never, unchanged_layers
from python_buildpack.package_managers.interface import Resolution
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.digests import digest
from python_buildpack.support.growing_file import GrowingFile

if TYPE_CHECKING:
    from python_buildpack.installed.kept_bytecode import KeptBytecode
    from python_buildpack.layers.packages.split_environment import EnvironmentSplit

SUBDIRECTORY = "venv"
"""One level down, so that the lifecycle does not add its lib/ to LD_LIBRARY_PATH of all processes."""

_INSTALLED = "distributions"
"""Key of the layer metadata that lists what is installed, for builds in which the layer itself is not on disk."""

_MODULES = "modules"
"""Key of the layer metadata that lists the modules at the top of what is installed."""

_OWN = "own"
"""Key of the layer metadata that lists the distributions which are projects of the app."""

INFO = LayerInfo(
    NAME,
    "launch",
    f"the virtual environment, in `{SUBDIRECTORY}/`, with all that has no layer of its own; PATH",
    "what the app declares or what that resolves to, what the installation read of the app, the interpreter, the "
    "settings of the installation",
)

_READ = "read"
"""Key of the layer metadata that lists what the installation read of the app, with digests."""


@frozen
class DependenciesLayer:
    """The virtual environment of one build, and the layers that it is split into."""

    layers: Layers
    inputs: DependenciesInputs
    python: PythonLayer
    packages: PackageLayers
    cached_base: Cache
    """The layer of the cache for what stays as it is."""

    @property
    def venv(self) -> Path:
        """Return the virtual environment's directory."""
        return self.inputs.venv

    @property
    def roots(self) -> Mapping[str, Path]:
        """Return the directories that contain packages, by the layers' names; they need not be on disk."""
        return {layer.name: layer.root for layer in self._stored()}

    @property
    def installed(self) -> InstalledDistributions:
        """Return what is installed, also if the layer is not on disk."""
        modules = self.metadata.get(_MODULES)
        installed = InstalledDistributions.parse(self.metadata.get(_INSTALLED, ""))
        return replace(installed, modules=None if modules is None else frozenset(modules.split()))

    @property
    def own(self) -> frozenset[str]:
        """Return the normalised names of the distributions that are projects of the app."""
        return frozenset(self.metadata.get(_OWN, "").split())

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return the layer metadata of the provided content."""
        return self.layers.restored_metadata(NAME)

    @property
    def identity(self) -> str:
        """Return a digest of all that decides the provided content."""
        return self.layers.identity(NAME)

    def provide(self) -> State:
        """Install what the app declares, or reuse the previous installation. Raises BuildpackError."""
        reporter = self.inputs.context.reporter
        previous = self.identity
        recorded = AppInputs.parse(self.metadata.get(_READ, ""))
        read = self.inputs.still(recorded)
        resolution = resolve(self.inputs, self.layers, read)
        self.python.undo_changes("the resolution of packages")
        if resolution.because:
            reporter.line(f"{self.inputs.manager.name}: {resolution.because}")
        if changed := recorded.changes(read):
            reporter.line(f"Changed since the previous installation, which read it: {changed}")
        spec = self.inputs.spec(resolution.digest, read)
        if isinstance(self.layers.decide(spec), Reuse) and not self._is_reusable():
            self.layers.forget(NAME)
        state = provide(self.layers, spec, lambda _: self._contribute(resolution, previous), reporter)
        # Even if this build does not use the archives: the next one may.
        for layer in self._stored():
            layer.keep()
        self.python.cache.keep(kept_metadata(self.identity))
        _kept_bytecode(self.inputs, self.cached_base, self.python.cache)
        self._generated.keep(self.metadata, self.identity)
        return state

    @contextmanager
    def restored(self, beside: Callable[[], object]) -> Iterator[Path]:
        """Keep the virtual environment on disk within the block; yield its directory. Raises BuildpackError.

        ``beside`` restores, at the same time, what else the block needs. See layers/stored.py.
        """
        with restored_layers(
            self._stored, self._make_again, beside=beside, is_changed=lambda: self._changed_by() != UNCHANGED
        ):
            yield self.venv

    @contextmanager
    def unchanged(self, step: str, is_kept: Callable[[], bool] = never) -> Iterator[None]:
        """Undo after the block what ``step`` (for the log) has changed in packages and interpreter.

        In the packages nothing if ``is_kept`` is true then. They have to be on disk: see ``restored``. Raises
        BuildpackError.
        """

        def compile_again(layer: StoredLayer) -> None:
            from python_buildpack.installed.bytecode import compile_tree  # noqa: PLC0415 - few steps change anything

            root = layer.root / "lib" if layer.name == NAME else layer.root
            compile_tree(self.python.executable, root, self.inputs.context.runner)

        self.python.watch()
        with unchanged_layers(step, self._stored(), compile_again, self.inputs.context.reporter, is_kept):
            yield
            self.python.undo_changes(step)

    def keep_changes(self, hook: str) -> None:
        """Export the environment as ``hook`` changed it. The next build then makes the layer anew."""
        resolution = self.layers.restored_key(NAME)["resolution"]
        metadata = self.metadata
        read = AppInputs.parse(metadata.get(_READ, ""))
        aside = self.inputs.context.scratch / "changed"
        self.venv.rename(aside)

        def contribute(path: Path) -> LayerContent:
            from python_buildpack.installed.bytecode import compile_tree  # noqa: PLC0415 - few hooks change anything
            from python_buildpack.installed.scrub_credentials import scrub_credentials  # noqa: PLC0415

            del path
            aside.rename(self.venv)
            self._split.undo(site_packages(self.venv), metadata)
            scrub_credentials(self.venv, site_packages(self.venv))
            with self.python.restored() as python:
                compile_tree(python, self.venv / "lib", self.inputs.context.runner, self._bytecode)
            return self._content((), {_READ: str(read), _OWN: metadata.get(_OWN, "")})

        self.layers.provide(self.inputs.spec(resolution, read, changed_by=hook), contribute)

    def _changed_by(self) -> str | None:
        return self.layers.restored_key(NAME).get("changed_by")

    def _stored(self) -> tuple[StoredLayer, ...]:
        own = StoredLayer(NAME, self.venv, self.layers, self.python.cache)
        return (own, *self.packages.stored(package_layers(self.metadata)))

    def _make_again(self) -> None:
        self.inputs.context.reporter.line("The cache has no copy of the packages, which this build has to run")
        self.packages.forget(package_layers(self.metadata))
        self._generated.withdraw(self.metadata)
        self.layers.forget(NAME)
        # The app's hooks run on this Python already.
        replace(self, inputs=replace(self.inputs, older_pythons=())).provide()

    def _is_reusable(self) -> bool:
        """Say whether everything exists that the environment of the previous build needs, and keep it if so."""
        names = package_layers(self.metadata)
        if not all(self.packages.is_reusable(name) for name in names):
            return False
        for name in names:
            self.packages.keep(name)
        return self._generated.is_kept(self.metadata, self.identity)

    @property
    def _bytecode(self) -> "KeptBytecode":
        from python_buildpack.installed.kept_bytecode import KeptBytecode  # noqa: PLC0415 - as below

        return KeptBytecode(*_kept_bytecode(self.inputs, self.cached_base, self.python.cache))

    @property
    def _generated(self) -> GeneratedFiles:
        context = self.inputs.context
        # Also beside the app: a project that it names as ../shared is built where it is.
        return GeneratedFiles(context.project.uploaded, self.python.cache, context.scratch / "uploaded")

    @property
    def _split(self) -> "EnvironmentSplit":
        from python_buildpack.layers.packages.split_environment import EnvironmentSplit  # noqa: PLC0415 - as below

        context = self.inputs.context
        return EnvironmentSplit(self.packages, self.python.cache, context.reporter, context.scratch, self.venv)

    def _contribute(self, resolution: Resolution, previous: str) -> LayerContent:
        # Most builds install nothing.
        from python_buildpack.layers.dependencies.installation import Installation  # noqa: PLC0415

        before = self._generated.look()
        with self.python.restored(for_wheels=self.inputs.needs_wheels_only(self.own)):
            try:
                installation = Installation.of(self.inputs, self._split, self.python, self._bytecode)
                is_rewritten = partial(self._generated.is_rewritten, before, self.inputs.context.project.root)
                installed = installation.run(resolution, previous, is_rewritten)
            except OlderPythonNeeded:
                # Extension modules are of that Python, and the next installation is to see the upload.
                self._generated.remove_new(before)
                raise
        generated = generated_metadata(before, self._generated.look(before))
        content = self._content(
            installed.packages, {_READ: str(installed.read), _OWN: " ".join(installed.own), **generated}
        )
        return replace(content, key=self.inputs.spec(resolution.digest, installed.read).key)

    def _content(self, packages: tuple[str, ...], more: Mapping[str, str]) -> LayerContent:
        from python_buildpack.installed.imports.top_level import top_level_modules  # noqa: PLC0415 - on installation

        installed = InstalledDistributions.read(site_packages(self.venv))
        env = LayerEnv()
        for scope in (Scope.LAUNCH, Scope.BUILD) if self.inputs.keep_content else (Scope.LAUNCH,):
            env = env.prepend("PATH", str(self.venv / "bin"), delimiter=":", scope=scope)
        modules = " ".join(sorted(top_level_modules(site_packages(self.venv))))
        metadata = {_INSTALLED: str(installed), PACKAGES: " ".join(packages), _MODULES: modules}
        return LayerContent(env=env, sboms=self._sboms(), metadata={**metadata, **more})

    def _sboms(self) -> tuple[Sbom, ...]:
        from python_buildpack.sbom.describe import environment_sboms  # noqa: PLC0415 - most builds install nothing

        inputs, project = self.inputs, self.inputs.context.project
        # Several requirements files are named as one text, separated by commas.
        files = (inputs.manager.find(project) or "").split(", ")
        lock = "\n".join(text for file in files if (text := project.text(file)) is not None)
        return environment_sboms(NAME, self.venv, inputs.interpreter, lock, inputs.buildpack_version)


def _kept_bytecode(inputs: DependenciesInputs, base: Cache, cache: Cache) -> tuple[GrowingFile, CachedFile]:
    """Keep the cache's files with the bytecode of the packages, for this interpreter, and return them."""
    name = f"compiled-{digest(f'{inputs.buildpack_version} {inputs.interpreter}')[:16]}"
    return growing_file(name, base, cache), cache.keep(f"{name}.json")
