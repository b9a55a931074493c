"""Splits an installed environment into layers, and keeps what lets the next build do so without all of it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cnb.frozen import frozen, replace
from cnb.layers import Reused
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.packages.describe import read_description
from python_buildpack.layers.packages.description import Description
from python_buildpack.layers.packages.layer import PackageLayers, kept_metadata, package_layers
from python_buildpack.layers.packages.reusable import MetadataCache, ReusableGroup, describe_kept, select_kept
from python_buildpack.layers.packages.split import Group, Split, decide_split
from python_buildpack.ports.interfaces import Reporter


@frozen
class Filled:
    """An environment with everything installed, but perhaps for the content of some heavy distributions."""

    split: Split
    kept: tuple[ReusableGroup, ...] = ()
    """The groups of the split of which only the metadata is there."""

    @property
    def libraries(self) -> frozenset[str]:
        """Return the names of the shared libraries that are not there."""
        return frozenset[str]().union(*(one.libraries for one in self.kept))


@frozen
class EnvironmentSplit:
    """Works on one virtual environment."""

    packages: PackageLayers
    cache: Cache
    reporter: Reporter
    scratch: Path
    venv: Path

    def recall(self, identity: str, text: str, conditions: str) -> tuple[ReusableGroup, ...]:
        """Return the groups that the previous build kept and that this one, by its pins in ``text``, wants again.

        ``identity`` is that of the previous environment, ``conditions`` all besides pins that has to be equal. Raises
        DiskFull.
        """
        kept = self._metadata_cache("previous").unpack(self.cache.path(kept_metadata(identity)))
        return tuple(
            one
            for one in select_kept(kept, text, conditions)
            if self.packages.is_reusable(one.group.layer, one.content)
        )

    def place(self, kept: Iterable[ReusableGroup]) -> None:
        """Put into the empty environment what makes an installer take these groups for installed."""
        self._metadata_cache("previous").place(kept, site_packages(self.venv))

    def look(self, kept: tuple[ReusableGroup, ...]) -> Filled | None:
        """Return what came out of an installation; None unless it is what one without ``kept`` would have given."""
        site = site_packages(self.venv)
        cached = self._metadata_cache("previous")
        # Removed by the installer as what nobody wants any more.
        left = tuple(one for one in kept if any((site / path).exists() for path in one.files))
        if not all(cached.holds(one, site) for one in left):
            return None
        split = decide_split(_completed(read_description(self.venv), left))
        if not all(one.group in split.groups for one in left):
            return None
        return Filled(split, left)

    def split(self, filled: Filled, python: Path) -> None:
        """Move the content of each group into its layer. Raises BytecodeFailed and DiskFull."""
        site = site_packages(self.venv)
        absent = {one.group.layer for one in filled.kept}
        for group in filled.split.groups:
            if group.layer in absent:
                self.packages.keep(group.layer)
                self.packages.link(group, site)
                self._report(group, "reused, not installed again")
                continue
            state = self.packages.move(group, site, self.scratch / group.layer, python)
            self._report(group, "reused" if isinstance(state, Reused) else "new")

    def remember(self, filled: Filled, text: str, conditions: str, identity: str) -> None:
        """Keep for the next build what stays in the environment of each group. Raises DiskFull."""
        described = (
            describe_kept(group, self.packages.key_of(group.layer)["content"], text, self.venv)
            for group in filled.split.groups
        )
        kept = [replace(one, conditions=conditions) for one in described if one is not None]
        if kept:
            self._metadata_cache("next").pack(kept, self.venv, self.cache.path(kept_metadata(identity)))

    def undo(self, site: Path, metadata: Mapping[str, str]) -> None:
        """Bring all content, which is on disk, back to ``site``, and forget the layers."""
        names = package_layers(metadata)
        for layer in self.packages.stored(names):
            for entry in layer.root.iterdir():
                if (site / entry.name).is_symlink():
                    (site / entry.name).unlink()
                    entry.rename(site / entry.name)
        self.packages.forget(names)

    def _metadata_cache(self, name: str) -> MetadataCache:
        return MetadataCache(self.scratch / f"metadata-{name}")

    def _report(self, group: Group, outcome: str) -> None:
        self.reporter.line(f"In a layer of its own: {', '.join(group.versions)} ({outcome})")


def _completed(description: Description, kept: Iterable[ReusableGroup]) -> Description:
    """Return the description with what is known of those whose content is not there."""
    known = {member.name: member for one in kept for member in one.group.members}
    return replace(
        description, distributions=tuple(known.get(found.name, found) for found in description.distributions)
    )
