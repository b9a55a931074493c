"""What stays in the environment of heavy distributions, kept in the cache, so that a changed build need not have them.

An installer takes a distribution for installed if its metadata is there. So a changed build starts from an empty
environment with the metadata and the scripts of those heavy distributions whose pins are what they were, and lets the
installer do the rest: all others are installed as in a clean build, because it is one. What the installer
removes (an extra is no longer chosen, say) is gone; what it changes makes the build start again without them.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.installed.dist_info import DistInfo, read_dist_infos, site_packages
from python_buildpack.layers.packages.describe import listed_files, top_of
from python_buildpack.layers.packages.description import Distribution, distribution_document, dump, parse_distribution
from python_buildpack.layers.packages.split import Group
from python_buildpack.package_managers.lock_pins import read_pins
from python_buildpack.support.stored_tree import Restored, restore_tree, store_tree

_LIST = "groups.json"
_FILES = "files"


@frozen
class ReusableGroup:
    """A group whose layer is in the previous image, and what it leaves in the environment."""

    group: Group
    content: str
    """The digest in the key of its layer."""
    pins: Mapping[str, str]
    """What the lock or the resolution said about each member."""
    files: tuple[str, ...]
    """What stays, relative to site-packages."""
    libraries: frozenset[str]
    """Names of the shared libraries that move."""
    conditions: str = ""
    """What it was installed under, pins aside: see conditions.py."""


@frozen
class MetadataCache:
    """The files of one archive, unpacked among this build's temporary files."""

    folder: Path

    def unpack(self, archive: Path) -> tuple[ReusableGroup, ...]:
        """Return what a former build kept; nothing where the archive is missing or damaged. Raises DiskFull."""
        if not isinstance(restore_tree(archive, self.folder), Restored):
            return ()
        try:
            documents = json.loads((self.folder / _LIST).read_text(encoding="utf-8"))
            return tuple(_parse(document) for document in documents)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ()

    def place(self, kept: Iterable[ReusableGroup], site: Path) -> None:
        """Put what stays into an empty environment. Raises OSError."""
        for one in kept:
            for path in one.files:
                _copy(self.folder / _FILES / _flat(path), site / path)

    def holds(self, kept: ReusableGroup, site: Path) -> bool:
        """Say whether the installer left the members of a group as they were."""
        return all(_content(self.folder / _FILES / _flat(path)) == _content(site / path) for path in kept.files)

    def pack(self, kept: Iterable[ReusableGroup], venv: Path, archive: Path) -> None:
        """Write the archive for the next build. Raises DiskFull."""
        several = tuple(kept)
        site = site_packages(venv)
        for one in several:
            for path in one.files:
                _copy(site / path, self.folder / _FILES / _flat(path))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _LIST).write_text(dump([_document(one) for one in several]), encoding="utf-8")
        store_tree(self.folder, archive)


def select_kept(kept: Iterable[ReusableGroup], text: str, conditions: str) -> tuple[ReusableGroup, ...]:
    """Return those of which all is pinned as it was, under the same conditions. Pure."""
    pins = read_pins(text)
    return tuple(
        one
        for one in kept
        if one.conditions == conditions and all(pins.get(name) == pin for name, pin in one.pins.items())
    )


def describe_kept(group: Group, content: str, text: str, venv: Path) -> ReusableGroup | None:
    """Return what is worth keeping of a group that is still whole, or None where an installer might not accept it."""
    site = site_packages(venv)
    infos = _dist_infos(group, site)
    pins = {name: pin for name, pin in read_pins(text).items() if name in infos}
    if not pins.keys() == infos.keys() == {member.name for member in group.members}:
        return None
    if any(info.direct_url() is not None for info in infos.values()):
        return None
    listed = [path for info in infos.values() for path in listed_files(info)]
    files = sorted({path for path in listed if top_of(path) is None})
    if not all(_is_plain(site / path, venv) for path in files):
        return None
    moving = (path.rpartition("/")[2] for path in listed if top_of(path) is not None)
    libraries = frozenset(name for name in moving if name.startswith("lib") and ".so" in name)
    return ReusableGroup(group, content, pins, tuple(files), libraries)


def _dist_infos(group: Group, site: Path) -> dict[str, DistInfo]:
    """Return the metadata directories of the members, by name."""
    wanted = {(member.name, member.version) for member in group.members}
    return {info.name: info for info in read_dist_infos(site) if (info.name, info.version) in wanted}


def _is_plain(path: Path, venv: Path) -> bool:
    return path.is_file() and not path.is_symlink() and Path(os.path.normpath(path)).is_relative_to(venv)


def _flat(path: str) -> str:
    """Return a path that stays below the folder it is in: scripts are ``../../../bin/…`` to site-packages."""
    return path.replace("../", "_up_/")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # No link: an installer that writes into a file would change what it is compared with.
    shutil.copy(source, target)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _document(kept: ReusableGroup) -> dict[str, object]:
    return {
        "layer": kept.group.layer,
        "members": [distribution_document(member) for member in kept.group.members],
        "content": kept.content,
        "pins": dict(kept.pins),
        "files": list(kept.files),
        "libraries": sorted(kept.libraries),
        "conditions": kept.conditions,
    }


def _parse(document: Mapping[str, object]) -> ReusableGroup:
    fields = dict(document)
    members = tuple(_distributions(fields["members"]))
    pins, files, libraries = fields["pins"], fields["files"], fields["libraries"]
    if not isinstance(pins, dict) or not isinstance(files, list) or not isinstance(libraries, list):
        raise TypeError("not what was written")
    group = Group(str(fields["layer"]), members)
    named = frozenset(map(str, libraries))
    return ReusableGroup(group, str(fields["content"]), pins, tuple(map(str, files)), named, str(fields["conditions"]))


def _distributions(documents: object) -> Iterator[Distribution]:
    if not isinstance(documents, list):
        raise TypeError("not what was written")
    return (parse_distribution(document) for document in documents)
