"""The ``package-<name>`` layers: one heavy distribution each, or several that have to stay together."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cnb.frozen import frozen
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, Reuse, Reused
from cnb.trees import remove
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.stored import StoredLayer
from python_buildpack.ports.interfaces import CommandRunner

if TYPE_CHECKING:
    from python_buildpack.layers.packages.split import Group

SUBDIRECTORY = "site-packages"
"""One level down, so that the lifecycle does not add a lib/ to LD_LIBRARY_PATH of all processes."""

PACKAGES = "packages"
"""Name of the metadata of an environment that lists the layers which it is split into, besides its own."""


@frozen
class PackageKey:
    """All that decides the content. Nothing of the app does: the same wheels give the same layer."""

    buildpack: str = labelled("the buildpack's version")
    distributions: str = labelled("the distributions")
    content: str = labelled("the distributions' content")
    interpreter: str = labelled("the Python interpreter")
    platform: str = labelled("the platform")
    path: str = labelled("the layer's path")


@frozen
class PackageLayers:
    """The layers for heavy distributions of one build."""

    layers: Layers
    cache: Cache
    runner: CommandRunner
    buildpack_version: str
    interpreter: str
    platform: str

    def move(self, group: "Group", site: Path, aside: Path) -> Path | None:
        """Move the group from ``site`` into its layer, or reuse that of the previous image; link to it in ``site``.

        Return the directory that still has to be compiled; None for a layer that is reused. ``aside`` is a path on the
        same file system for temporary files. Raises FileNotWritten.
        """
        from python_buildpack.app.snapshot import digest_content, take_snapshot  # noqa: PLC0415 - on installation only

        staged = aside / SUBDIRECTORY
        staged.mkdir(parents=True)
        for top in group.tops:
            (site / top).rename(staged / top)
        _remove_bytecode(staged)
        content = digest_content(staged, take_snapshot(staged))
        spec = self._spec(group.layer, " ".join(group.versions), content)

        def contribute(path: Path) -> LayerContent:
            staged.rename(path / SUBDIRECTORY)
            return LayerContent()

        state = self.layers.provide(spec, contribute)
        remove(aside)
        self.link(group, site)
        return None if isinstance(state, Reused) else self._content(group.layer)

    def link(self, group: "Group", site: Path) -> None:
        """Make links in ``site`` to the content of the layer of ``group``."""
        for top in group.tops:
            (site / top).symlink_to(self.layers.path(group.layer) / SUBDIRECTORY / top)

    def is_reusable(self, name: str, content: str | None = None) -> bool:
        """Say whether this build can reuse the layer of the previous build, with ``content`` if that is given."""
        recorded = self.layers.restored_key(name).get("content")
        return content in {None, recorded} and isinstance(self.layers.decide(self._recorded(name)), Reuse)

    def keep(self, name: str) -> None:
        """Reuse the layer of the previous build, which must be reusable."""
        self.layers.provide(self._recorded(name), lambda _: LayerContent())

    def stored(self, names: Iterable[str]) -> tuple[StoredLayer, ...]:
        """Return these layers with their archives in the cache."""
        return tuple(StoredLayer(name, self._content(name), self.layers, self.cache) for name in names)

    def forget(self, names: Iterable[str]) -> None:
        """Remove these layers and all that is known of them."""
        for name in names:
            self.layers.forget(name)

    def key_of(self, name: str) -> Mapping[str, str]:
        """Return the recorded key of a layer."""
        return self.layers.restored_key(name)

    def _recorded(self, name: str) -> LayerSpec:
        recorded = self.layers.restored_key(name)
        return self._spec(name, recorded.get("distributions", ""), recorded.get("content", ""))

    def _content(self, name: str) -> Path:
        return self.layers.path(name) / SUBDIRECTORY

    def _spec(self, name: str, distributions: str, content: str) -> LayerSpec:
        key = PackageKey(
            buildpack=self.buildpack_version,
            distributions=distributions,
            content=content,
            interpreter=self.interpreter,
            platform=self.platform,
            path=str(self._content(name)),
        )
        return LayerSpec(name, LayerTypes(launch=True), key)


def _remove_bytecode(root: Path) -> None:
    """Remove the bytecode that installers compiled: it is of another kind and in another place than we need."""
    for path in sorted(root.rglob("__pycache__")):
        remove(path)


def package_layers(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the layers in the metadata of an environment."""
    return tuple(metadata.get(PACKAGES, "").split())


def kept_metadata(identity: str) -> str:
    """Return the name of the cache's file with what stays, of its heavy distributions, in the environment."""
    return f"packages-{identity[:16]}.tar.zst"
