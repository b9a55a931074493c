"""Stores wheels that were built from source for later builds: compiling is the slowest step of an installation.

They are stored in the form of each tool's own cache, so that the tool decides whether a wheel can be used. One archive
in the cache layer holds them all; it is unpacked only by a build that installs something. Wheels built from files of
the app are left out: tools compare the times of such files, and all files of an app have the same time.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import parse_wheel_filename

from cnb.frozen import frozen
from cnb.trees import remove
from python_buildpack.package_managers.build_variables import compiling
from python_buildpack.package_managers.source_builds import UNKNOWN, changed_names, listing, merged_listing, pins_of
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stored_tree import NotStored, restore_tree, store_entries

_POETRY = "poetry-cache/artifacts"
_UV_SOURCES = ("pypi", "index", "url", "git")
_UV_LOCAL = ("path", "editable")
"""uv's names for the origins of source distributions: elsewhere, and files of the app."""
_SECRET_ADDRESS = re.compile(rb"://(?:[^/\s\0]{1,200}@|[!-~]{0,2000}\?[!-~]{1,200}=)")
"""A URL with a login or a query, also in the middle of uv's binary files."""


@frozen
class BuiltWheels:
    """Where the wheels are stored, and where the tools of this build look for them."""

    archive: CachedFile
    sources: CachedFile
    """A list of what was built from source when the archive was written, or before: see source_builds.py."""
    scratch: Path
    """The directory that contains the tools' caches."""
    reporter: Reporter

    def restore(self, text: str, *, is_said: bool = True) -> None:
        """Unpack the wheels of earlier builds into the tools' caches. A damaged archive is ignored.

        The resolution ``text`` has to pin all that was built from source beside them as it was then. The log names
        them if ``is_said``.
        """
        if not self.archive.exists():
            return
        listed = self.sources.read()
        changed = changed_names(listed.decode(), text) if listed is not None else (UNKNOWN,)
        if changed:
            self.reporter.line(
                f"Compiled again, because earlier builds compiled it beside what is no longer the same: "
                f"{', '.join(changed)}"
            )
            self.archive.remove()
        if changed or isinstance(restore_tree(self.archive, self.scratch), NotStored):
            self.sources.remove()
            return
        # Nothing was downloaded yet, so each wheel in Poetry's cache is a compiled one.
        found = _built((*_known(self.scratch), *((wheel,) for wheel in _wheels(self.scratch / _POETRY))))
        names = sorted({f"{wheel.name} {wheel.version}" for wheel in found})
        if is_said:
            self.reporter.line(f"Compiled by earlier builds, and not again where they fit: {', '.join(names)}")

    def keep(self, venv: Path, text: str, built: Iterable[str]) -> None:
        """Store the newest wheel of each distribution that is installed in ``venv``, and no others. Raises DiskFull.

        ``built`` are the names of what was built from source in this build, by the resolution ``text``.

        A wheel whose tool has recorded a URL with a login or a query is left out: the URL may hold a secret, which
        must not get into the cache.
        """
        installed = dict(_from_elsewhere(venv))
        kept: dict[str, _Built] = {}
        for wheel in sorted(_built(_known(self.scratch)), key=lambda found: found.files[0].stat().st_mtime_ns):
            if installed.get(wheel.name) == wheel.version and not wheel.may_hold_secrets:
                kept[wheel.name] = wheel
        paths = {path for wheel in kept.values() for path in wheel.files}
        if not paths:
            self.archive.remove()
            self.sources.remove()
            return
        before = (self.sources.read() or b"").decode()
        # A tool whose output does not name what it builds has it in its cache.
        pins = pins_of({*built, *kept}, text)
        self.sources.write(merged_listing(before, listing(pins)).encode())
        folders = {parent for path in paths for parent in path.parents if parent.is_relative_to(self.scratch)}
        every = sorted(str(path.relative_to(self.scratch)) for path in {*paths, *folders} - {self.scratch})
        store_entries(self.scratch, every, self.archive)


@contextmanager
def reusing_wheels(wheels: BuiltWheels | None, venv: Path, text: str, built: Collection[str]) -> Iterator[None]:
    """Restore the wheels before the installation in the block, and store those it used after it. Raises DiskFull.

    ``text`` is the resolution, ``built`` the names of what was built from source, which the block may add to.
    """
    if wheels is not None:
        wheels.restore(text)
    yield
    if wheels is not None:
        wheels.keep(venv, text, built)


def archive_name(buildpack: str, python: str, platform: str, env: Mapping[str, str], passed: str = "") -> str:
    """Return the archive's name. It differs for each buildpack, Python, platform and compiler setting. Pure.

    ``passed`` are the variables that the user lets builds have, with a digest.
    """
    kind = repr((buildpack, python, platform, sorted(compiling(env).items()), *([passed] if passed else [])))
    return f"built-wheels-{hashlib.sha256(kind.encode()).hexdigest()[:16]}.tar.zst"


def forget_local_builds(scratch: Path) -> None:
    """Remove what uv built from files of the app in this build: an installation has to read all that it is made of."""
    for source in _UV_LOCAL:
        for folder in scratch.glob(f"uv-cache/sdists-v*/{source}"):
            remove(folder)


@frozen
class _Built:
    """A wheel in a tool's cache, and the tool's files about it; the wheel itself comes first."""

    name: str
    version: str
    files: tuple[Path, ...]

    @property
    def may_hold_secrets(self) -> bool:
        """Whether the tool's files about the wheel may hold a credential."""
        return any(_SECRET_ADDRESS.search(path.read_bytes()) for path in self.files[1:])


def _known(scratch: Path) -> Iterator[tuple[Path, ...]]:
    """Yield each compiled wheel with the tool's files about it."""
    for of_tool in (_of_uv, _of_pip, _of_poetry, _of_pdm):
        yield from of_tool(scratch)


def _built(wheels: Iterable[tuple[Path, ...]]) -> Iterator[_Built]:
    for files in wheels:
        try:
            name, version, _, _ = parse_wheel_filename(files[0].name)
        except ValueError:
            continue
        yield _Built(name, str(version), files)


def _of_uv(scratch: Path) -> Iterator[tuple[Path, ...]]:
    for source in _UV_SOURCES:
        for bucket in scratch.glob(f"uv-cache/sdists-v*/{source}"):
            for wheel in _wheels(bucket):
                folders = [folder for folder in wheel.parents if folder.is_relative_to(bucket)]
                # An unpacked source tree may contain wheels, too; revision.rev marks what was built from local files.
                inside = any(folder.name == "src" for folder in folders)
                if inside or any((folder / "revision.rev").exists() for folder in folders):
                    continue
                known = (folder / name for folder in folders for name in ("metadata.msgpack", "revision.http"))
                yield (wheel, *(path for path in known if path.is_file()))


def _of_pip(scratch: Path) -> Iterator[tuple[Path, ...]]:
    for wheel in _wheels(scratch / "pip-cache" / "wheels"):
        origin = wheel.with_name("origin.json")
        if origin.is_file() and not _is_local(origin):
            yield wheel, origin


def _of_poetry(scratch: Path) -> Iterator[tuple[Path, ...]]:
    for wheel in _wheels(scratch / _POETRY):
        # A built wheel lies beside its source distribution; a wheel alone was downloaded. If a build did not need the
        # source distribution, a restored wheel lies alone too, and is not stored again.
        if any(path.suffix in {".gz", ".bz2", ".zip"} for path in wheel.parent.iterdir()):
            yield (wheel,)


def _of_pdm(scratch: Path) -> Iterator[tuple[Path, ...]]:
    for wheel in _wheels(scratch / "pdm-cache" / "wheels"):
        yield (wheel,)


def _wheels(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.whl") if path.is_file() and not path.is_symlink())


def _from_elsewhere(venv: Path) -> Iterator[tuple[str, str]]:
    """Yield name and version of each installed distribution that is not from a local file or directory (PEP 610)."""
    # Most builds install nothing.
    from python_buildpack.installed.dist_info import DIRECT_URL, read_dist_infos, site_packages  # noqa: PLC0415

    for info in read_dist_infos(site_packages(venv)):
        if not _is_local(info.folder / DIRECT_URL):
            yield info.name, info.version


def _is_local(direct_url: Path) -> bool:
    from python_buildpack.installed.dist_info import DirectUrl, read_direct_url  # noqa: PLC0415 - as above

    found = read_direct_url(direct_url)
    return isinstance(found, DirectUrl) and found.is_local
