"""The ``python`` layer: the interpreter, and how it is restored in a build that reuses it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cnb.frozen import frozen
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, Reused, State
from cnb.trees import remove
from python_buildpack.interpreters.included import Included, archive_name, has_digest
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.interpreters.mirrors import download_for
from python_buildpack.layers.announce import provide
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.info import LayerInfo
from python_buildpack.layers.watch import WatchedLayer
from python_buildpack.ports.fetching.http import DownloadFailed, DownloadNotFound
from python_buildpack.ports.interfaces import CommandRunner, Fetcher, Reporter
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stopping import cleanup_after

if TYPE_CHECKING:
    from python_buildpack.interpreters.kept import KeptInterpreter

NAME = "python"
SUBDIRECTORY = "cpython"
"""One level down, so that the lifecycle does not add its lib/ to LD_LIBRARY_PATH of all processes."""

INFO = LayerInfo(
    NAME,
    "launch",
    f"the interpreter, in `{SUBDIRECTORY}/`",
    "another version or build of Python, BP_PYTHON_SLIM_INTERPRETER, another version of the buildpack",
)


@frozen
class PythonKey:
    """All that decides the content of the layer."""

    buildpack: str = labelled("the buildpack's version")
    version: str = labelled("the Python version")
    build: str = labelled("the interpreter's build")
    variant: str = labelled("the interpreter's variant")
    arch: str = labelled("the architecture")
    sha256: str = labelled("the interpreter's digest")
    slim: str = labelled("the slimming of the interpreter")
    path: str = labelled("the layer's path")
    on_path: str = labelled("the presence on other buildpacks' PATH")


@frozen
class PythonLayer:
    """The interpreter of one build."""

    layers: Layers
    interpreter: Interpreter
    buildpack_version: str
    mirror: str | None
    slim: bool
    keep_content: bool
    """Whether a later buildpack of this build needs the interpreter."""
    on_path: bool
    """Whether it is on PATH of later buildpacks; not if these use the virtual environment, which has the packages."""
    included: Included
    archives: Cache
    """Has the interpreter itself."""
    cache: Cache
    """Has what later steps keep of what they did with it."""
    fetcher: Fetcher
    runner: CommandRunner
    reporter: Reporter
    meanwhile: Callable[[], object]
    """Begins, beside the installation, what the build needs next; returns at once."""
    watched: WatchedLayer

    @property
    def root(self) -> Path:
        """Return the directory that contains the interpreter's ``bin``, in the image as in the build."""
        return self.layers.path(NAME) / SUBDIRECTORY

    @property
    def executable(self) -> Path:
        """Return the path of the interpreter itself, without symbolic links."""
        return self.root / "bin" / self.interpreter.executable_name

    @property
    def spec(self) -> LayerSpec:
        """Return the layer's specification."""
        key = PythonKey(
            buildpack=self.buildpack_version,
            version=str(self.interpreter.version),
            build=self.interpreter.build,
            variant=self.interpreter.variant,
            arch=self.interpreter.arch,
            sha256=self.interpreter.sha256,
            slim=str(self.slim),
            path=str(self.root),
            on_path=str(self.on_path),
        )
        keep = self.keep_content
        return LayerSpec(NAME, LayerTypes(launch=True, build=keep, cache=keep), key)

    def provide(self) -> State:
        """Install the interpreter, or reuse the layer of the previous build. Raises BuildpackError."""
        state = provide(self.layers, self.spec, self._contribute, self.reporter)
        # Even if this build does not use the archives: the next one may.
        if self.interpreter not in self.included.interpreters:
            kept = [self.archives.keep(file.path.name) for file in self._kept_files]
            if not all(file.exists() for file in kept):
                self.archives.keep(archive_name(self.interpreter))
        if not isinstance(state, Reused) or state.present:
            self.watched.written()
        return state

    def watch(self) -> None:
        """Take note of the interpreter as it is now, with the marks and the bytecode that a step has given it."""
        if self.watched.is_on_disk:
            self.watched.written()

    def undo_changes(self, by: str) -> None:
        """Undo what a step, named for the log, has changed in the interpreter. Raises BuildpackError."""
        state = self.layers.provided[NAME]
        is_exported = not isinstance(state, Reused) or state.present
        self.watched.undo_changes(by, lambda: self._install(anew=is_exported))

    @property
    def is_whole(self) -> bool:
        """Whether what is on disk can run code that is not the buildpack's own: see interpreters/kept.py."""
        return not (self.watched.is_on_disk and self._kept.is_part(self.root))

    @contextmanager
    def restored(self, *, for_wheels: bool = False) -> Iterator[Path]:
        """Keep the interpreter on disk within the block; yield its path. Raises BuildpackError.

        If the layer is reused, the interpreter is unpacked from the cache to its place, without its bytecode,
        and removed again, so that the lifecycle still finds the layer absent and reuses it. For an installation of
        nothing but wheels (``for_wheels``), it need not be whole.
        """
        if self.watched.is_on_disk:
            if not for_wheels:
                self.complete()
            yield self.executable
            return
        with cleanup_after(self._remove):
            # What is there was not written by the buildpack.
            remove(self.layers.path(NAME))
            if not (for_wheels and self._kept.restore_part(self.root)):
                remove(self.root)
                self._install(anew=False)
            self.watched.written()
            yield self.executable

    def complete(self) -> None:
        """Put the whole interpreter on disk, if there is only the part that installs wheels. Raises BuildpackError."""
        if not self.is_whole:
            remove(self.root)
            self._install(anew=False)
            self.watched.written()

    def _remove(self) -> None:
        self.watched.forget()
        remove(self.layers.path(NAME))

    def _contribute(self, path: Path) -> LayerContent:
        del path
        self.meanwhile()
        self._install(anew=True)
        if self.interpreter not in self.included.interpreters and not self._kept.exists():
            self._kept.store(self.root, self.runner)
            self.archives.file(archive_name(self.interpreter)).remove()
        env = LayerEnv().prepend("PATH", str(self.root / "bin"), delimiter=":", scope=Scope.BUILD)
        from python_buildpack.sbom.describe import python_sboms  # noqa: PLC0415 - most builds install nothing

        bills = python_sboms(NAME, self.interpreter, self.executable, self.runner, self.buildpack_version)
        return LayerContent(env=env if self.on_path else LayerEnv(), sboms=bills)

    def _install(self, *, anew: bool) -> None:
        """Install the interpreter. One that an earlier build installed (not ``anew``) was tested there already."""
        # Not at the top: most builds reuse it.
        from python_buildpack.interpreters.install import install_interpreter, put_back  # noqa: PLC0415

        if put_back(self._kept, self.interpreter, self.root, self.runner, bytecode=anew):
            return
        archive = self.included.archive(self.interpreter) or self._fetched()
        runner, slim = self.runner, self.slim
        install_interpreter(archive, self.interpreter, self.root, runner, slim=slim, try_out=anew, bytecode=anew)

    @property
    def _kept(self) -> "KeptInterpreter":
        from python_buildpack.interpreters.kept import KeptInterpreter  # noqa: PLC0415 - as above

        return KeptInterpreter(*self._kept_files, self.interpreter.executable_name)

    @property
    def _kept_files(self) -> tuple[CachedFile, CachedFile]:
        name = f"{NAME}-{self.spec.identity[:16]}"
        return self.archives.file(f"{name}.tar.zst"), self.archives.file(f"{name}-rest.tar.zst")

    def _fetched(self) -> Path:
        archive = self.archives.keep(archive_name(self.interpreter)).path
        if not has_digest(archive, self.interpreter.sha256):
            try:
                self.fetcher.fetch(download_for(self.interpreter, self.mirror), archive)
            except (DownloadFailed, DownloadNotFound) as error:
                raise self.included.explain(self.interpreter, error) from error
        return archive
