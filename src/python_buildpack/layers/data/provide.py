"""Provides the layer of one kind of data, and restores it while the app's code runs in a build."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cnb.frozen import frozen
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, State
from python_buildpack.layers.announce import provide
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.data.interface import AppPython, DataLayer, DataRequest
from python_buildpack.layers.stored import StoredLayer, restored_layers
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.digests import digest

SUBDIRECTORY = "data"


@frozen
class DataKey:
    """All that decides the content of the layer."""

    names: str = labelled("the data that the app asks for")
    version: str = labelled("the version of the package that reads the data")
    source: str = labelled("the source of the data")
    path: str = labelled("the layer's path")


@frozen
class ProvidedData:
    """The data of one kind in one build."""

    kind: DataLayer
    request: DataRequest
    layers: Layers
    cache: Cache
    python: Callable[[], AppPython]
    """Puts the app's virtual environment on disk."""
    unchanged: Callable[[str], AbstractContextManager[None]]
    """Undoes after a block what it has changed in the packages; takes a name for the log."""
    env: Mapping[str, str]
    """The build's environment."""
    reporter: Reporter

    @property
    def root(self) -> Path:
        """Return the directory of the data."""
        return self.layers.path(self.kind.name) / SUBDIRECTORY

    def provide(self) -> State:
        """Download the data, or reuse the layer of the previous build. Raises BuildpackError."""
        request = self.request
        self.reporter.line(f"{', '.join(request.names)}, because {request.because}")
        key = DataKey(digest("\n".join(request.names)), request.version, digest(request.source), str(self.root))
        spec = LayerSpec(self.kind.name, LayerTypes(launch=True), key)
        state = provide(self.layers, spec, self._contribute, self.reporter)
        # Even if this build does not use the archive: the next one may.
        self.stored.keep()
        return state

    @contextmanager
    def restored(self) -> Iterator[Mapping[str, str]]:
        """Keep the data on disk within the block; yield the variable that names it. Raises BuildpackError."""
        with restored_layers(lambda: (self.stored,), self._make_again):
            before = self.env.get(self.kind.variable)
            yield {self.kind.variable: f"{self.root}:{before}" if before else str(self.root)}

    @property
    def stored(self) -> StoredLayer:
        """Return the layer with its copy in the cache."""
        return StoredLayer(self.kind.name, self.root, self.layers, self.cache)

    def _make_again(self) -> None:
        self.layers.forget(self.kind.name)
        self.provide()

    def _contribute(self, path: Path) -> LayerContent:
        del path
        self.root.mkdir()
        python = self.python()
        with self.unchanged(self.kind.heading):
            self.kind.download(self.request, self.root, python)
        # The downloaded files may be readable by their owner only, and the app may run as another user.
        for path in self.root.rglob("*"):
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
        return LayerContent(
            env=LayerEnv().prepend(self.kind.variable, str(self.root), delimiter=":", scope=Scope.LAUNCH)
        )
