"""The files of heavy distributions that stay in the environment. The cache keeps them for changed builds.

An installer considers a distribution installed if its metadata exists. So a changed build starts from an environment
that has only the metadata and the scripts of the heavy distributions whose pins are unchanged. Then the installer runs:
it installs all other distributions, as in a clean build, and may remove distributions (if an extra is no longer chosen,
for example). If it changes the files of one that was kept, the build starts again from an empty environment.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from cnb.trees import remove
from python_buildpack.installed.dist_info import DistInfo, read_dist_infos, site_packages
from python_buildpack.layers.packages.describe import listed_files, top_of
from python_buildpack.layers.packages.description import Distribution, distribution_document, dump, parse_distribution
from python_buildpack.layers.packages.split import Group
from python_buildpack.package_managers.lock_pins import read_pins
from python_buildpack.package_managers.source_builds import pins_of
from python_buildpack.sbom.altered import altered_files
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stored_tree import Restored, restore_tree, store_tree

_LIST = "groups.json"
_FILES = "files"


@frozen
class ReusableGroup:
    """A group whose layer is in the previous image, and its files that stay in the environment."""

    group: Group
    content: str
    """The digest of the content, from the key of its layer."""
    pins: Mapping[str, str]
    """What the lock or the resolution says about each member, and about what was built from source beside it."""
    files: tuple[str, ...]
    """Paths of the files that stay, relative to site-packages."""
    libraries: frozenset[str]
    """Names of the shared libraries that are in the group's layer."""
    conditions: str = ""
    """The digest of the conditions of its installation: see conditions.py."""


@frozen
class MetadataCache:
    """The files of one archive, unpacked among this build's temporary files."""

    folder: Path

    def unpack(self, archive: CachedFile) -> tuple[ReusableGroup, ...]:
        """Return what a previous build kept; nothing if the archive is missing or damaged. Raises DiskFull."""
        # Programs may have run since it was unpacked before.
        remove(self.folder)
        if not isinstance(restore_tree(archive, self.folder), Restored):
            return ()
        try:
            documents = json.loads((self.folder / _LIST).read_text(encoding="utf-8"))
            return tuple(_parse(document) for document in documents)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ()

    def place(self, kept: Iterable[ReusableGroup], site: Path) -> None:
        """Copy the files that stay into an empty environment. Raises OSError."""
        for one in kept:
            for path in one.files:
                _copy(self.folder / _FILES / _flat(path), site / path)

    def holds(self, kept: ReusableGroup, site: Path) -> bool:
        """Say whether the installer left the files of a group unchanged."""
        return all(_content(self.folder / _FILES / _flat(path)) == _content(site / path) for path in kept.files)

    def pack(self, kept: Iterable[ReusableGroup], venv: Path, archive: CachedFile) -> None:
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
    """Return the groups whose pins and conditions are unchanged. Pure."""
    several = tuple(kept)
    pins = pins_of({name for one in several for name in one.pins}, text)
    return tuple(
        one
        for one in several
        if one.conditions == conditions and all(pins.get(name) == pin for name, pin in one.pins.items())
    )


def describe_kept(group: Group, content: str, text: str, venv: Path) -> ReusableGroup | None:
    """Return what to keep of a group before it is moved; None if an installer might not accept it later."""
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
    if any(altered_files(info.record(), site) for info in infos.values()):
        # Another wheel wrote over it without a word in its RECORD.
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
    """Return a path without ``..``: relative to site-packages, scripts are ``../../../bin/…``."""
    return path.replace("../", "_up_/")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not a hard link: an installer that writes into the file would change the original too.
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
