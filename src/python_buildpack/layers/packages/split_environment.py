"""Splits an installed environment into layers, and keeps what a changed build needs to reuse them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cnb.frozen import frozen, replace
from python_buildpack.installed.dist_info import site_packages
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.packages.describe import read_description
from python_buildpack.layers.packages.description import Description
from python_buildpack.layers.packages.layer import PackageLayers, kept_metadata, package_layers
from python_buildpack.layers.packages.overwritten import find_overwritten, is_in_place
from python_buildpack.layers.packages.reusable import MetadataCache, ReusableGroup, describe_kept, select_kept
from python_buildpack.layers.packages.split import Group, Split, decide_split
from python_buildpack.ports.interfaces import Reporter


@frozen
class Filled:
    """An environment with everything installed, except the content of the heavy distributions in ``kept``."""

    split: Split
    kept: tuple[ReusableGroup, ...] = ()
    """The groups of which only the metadata is in the environment."""

    @property
    def libraries(self) -> frozenset[str]:
        """Return the names of the shared libraries that are not in the environment."""
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
        """Return the groups that the previous build kept and whose pins in ``text`` are unchanged.

        ``identity`` is that of the previous environment; ``conditions`` is a digest: conditions.py. Raises DiskFull.
        """
        kept = self._metadata_cache("previous").unpack(self.cache.file(kept_metadata(identity)))
        return tuple(
            one
            for one in select_kept(kept, text, conditions)
            if self.packages.is_reusable(one.group.layer, one.content)
        )

    def place(self, kept: Iterable[ReusableGroup]) -> None:
        """Copy into the empty environment the files by which an installer considers these groups installed."""
        self._metadata_cache("previous").place(kept, site_packages(self.venv))

    def look(self, kept: tuple[ReusableGroup, ...]) -> Filled | None:
        """Return the installed environment; None if an installation without ``kept`` would have given another one."""
        site = site_packages(self.venv)
        cached = self._metadata_cache("previous")
        # The installer removes what is no longer needed.
        left = tuple(one for one in kept if any((site / path).exists() for path in one.files))
        groups = [one.group for one in left]
        if not all(cached.holds(one, site) for one in left) or is_in_place(groups, site):
            return None
        if left and find_overwritten(groups, site):
            return None
        split = decide_split(_completed(read_description(self.venv), left))
        if not all(one.group in split.groups for one in left):
            return None
        return Filled(split, left)

    def split(self, filled: Filled) -> tuple[Path, ...]:
        """Move the content of each group into its layer; return what has to be compiled. Raises FileNotWritten."""
        new: list[Path] = []
        site = site_packages(self.venv)
        absent = {one.group.layer for one in filled.kept}
        outcomes: dict[str, list[Group]] = {"new": [], "reused": [], "reused, not installed again": []}
        for group in filled.split.groups:
            if group.layer in absent:
                self.packages.keep(group.layer)
                self.packages.link(group, site)
                outcomes["reused, not installed again"].append(group)
                continue
            made = self.packages.move(group, site, self.scratch / group.layer)
            new += [] if made is None else [made]
            outcomes["reused" if made is None else "new"].append(group)
        for outcome, groups in outcomes.items():
            self._report(groups, outcome)
        return tuple(new)

    def remember(self, filled: Filled, text: str, conditions: str, identity: str, sources: Mapping[str, str]) -> None:
        """Keep the files of each group that stay in the environment for the next build. Raises DiskFull.

        ``sources`` are the pins of what was built from source in this build, by name. Its code could have changed what
        was installed beside it, so that is kept only as long as the pins are the same: see source_builds.py.
        """
        groups = filled.split.groups
        overwritten = find_overwritten(groups, site_packages(self.venv)) if groups else frozenset[str]()
        described = (
            describe_kept(group, self.packages.key_of(group.layer)["content"], text, self.venv)
            for group in groups
            if group.layer not in overwritten
        )
        # The content of those that were kept before was not on disk.
        before = {one.group.layer: one.pins for one in filled.kept}
        kept = [
            replace(one, conditions=conditions, pins={**before.get(one.group.layer, sources), **one.pins})
            for one in described
            if one is not None and (one.group.layer in before or all(sources.values()))
        ]
        if kept:
            self._metadata_cache("next").pack(kept, self.venv, self.cache.file(kept_metadata(identity)))

    def undo(self, site: Path, metadata: Mapping[str, str]) -> None:
        """Move the content of all layers, which must be on disk, back to ``site``, and remove the layers."""
        names = package_layers(metadata)
        for layer in self.packages.stored(names):
            for entry in layer.root.iterdir():
                if (site / entry.name).is_symlink():
                    (site / entry.name).unlink()
                    entry.rename(site / entry.name)
        self.packages.forget(names)

    def _metadata_cache(self, name: str) -> MetadataCache:
        return MetadataCache(self.scratch / f"metadata-{name}")

    def _report(self, groups: list[Group], outcome: str) -> None:
        versions = ", ".join(" with ".join(group.versions) for group in groups)
        if groups:
            where = "In a layer of its own" if len(groups) == 1 else f"In {len(groups)} layers of their own"
            self.reporter.line(f"{where}: {versions} ({outcome})")


def _completed(description: Description, kept: Iterable[ReusableGroup]) -> Description:
    """Return the description, completed by the kept groups, whose content is not on disk."""
    known = {member.name: member for one in kept for member in one.group.members}
    return replace(
        description, distributions=tuple(known.get(found.name, found) for found in description.distributions)
    )
