"""Finds heavy distributions that others wrote into, or may have written into: no later build reuses these.

The pins of a distribution say what its own wheel is. They do not say what another wheel of the same installation wrote
over it, and that must not stay when the other one is no longer required.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from python_buildpack.installed.dist_info import DistInfo, read_dist_infos
from python_buildpack.layers.packages.describe import listed_files
from python_buildpack.layers.packages.split import Group


def find_overwritten(groups: Sequence[Group], site: Path) -> frozenset[str]:
    """Return the layers' names of the groups with files that a distribution outside of the group lists, too.

    Installers list in RECORD (PyPA, "Recording installed projects") what they wrote, so a file that two distributions
    wrote is in two of them. A RECORD that cannot be read may list anything. All metadata directories are read, not
    only one of each name, for any wheel can bring a second one.
    """
    owners = {(member.name, member.version): group.layer for group in groups for member in group.members}
    infos = tuple(read_dist_infos(site))
    same_name = {name for name, count in Counter(info.name for info in infos).items() if count > 1}
    listed = [(owners.get((info.name, info.version), ""), listed_files(info)) for info in infos]
    if any(not paths for _, paths in listed):
        return frozenset(owners.values())
    twice = {group.layer for group in groups for member in group.members if member.name in same_name}
    return frozenset({*twice, *_claimed(groups, infos, listed)} - {""})


def _claimed(
    groups: Sequence[Group], infos: Sequence[DistInfo], listed: Sequence[tuple[str, tuple[str, ...]]]
) -> Iterator[str]:
    """Yield the layers with a path that is listed by a distribution which is not in it."""
    folders = {top: group.layer for group in groups for top in group.tops}
    folders |= {info.folder.name: layer for info, (layer, _) in zip(infos, listed, strict=True) if layer}
    files = {path: layer for layer, paths in listed if layer for path in paths}
    for layer, paths in listed:
        for path in paths:
            for owner in (folders.get(path.partition("/")[0]), files.get(path)):
                if owner is not None and owner != layer:
                    yield from (owner, layer)


def is_in_place(groups: Iterable[Group], site: Path) -> bool:
    """Say whether something lies where the links to the content of these groups have to be."""
    return any((site / top).is_symlink() or (site / top).exists() for group in groups for top in group.tops)
