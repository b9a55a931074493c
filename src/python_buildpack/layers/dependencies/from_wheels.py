"""Makes an environment again from wheels only, after packages were built from source.

While something is built, code of packages runs, and could change what is installed beside it, the installer's cache and
its configuration. So when all programs have ended, everything is installed anew, into an empty environment and from an
empty cache: the installer downloads the wheels again, and takes from the builds nothing but the wheels that they made,
each for the package that it said it was building. Nothing has to be built then, so no code but the installer's runs.

That costs a second download of what was not downloaded before any code ran, or was changed by it: fetched_wheels.py
says which wheels of an app's first build are untouched. The files of the app keep their ctime meanwhile, by which uv
knows that what it has built of them is still right. If it builds something all the same, the log says so, and that
counts as built for what is kept.

The same goes for pip. Poetry, PDM and Pipenv, where uv cannot do what they do, build in the same run in which they
install. For these, and where no wheel of a build was kept (pip keeps none of the app's own projects), the environment
stays as it is; source_builds.py has the rule for what is then kept for later builds.
"""

import os
import stat
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from cnb.files import write_file
from cnb.frozen import field, frozen, replace
from cnb.trees import make_directory, remove
from python_buildpack.layers.dependencies.untouched import untouched
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.uv_builds import take_wheels, take_wheels_of_pip
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished, Reporter
from python_buildpack.secrets.private_files import HomeFiles, PrivateFiles
from python_buildpack.support.fingerprint import Signature, signature
from python_buildpack.support.small_files import read_bounded
from python_buildpack.tools.pinned import PIP

_HOME_DEPTH = 3
"""``~/.config/uv/uv.toml``: what is deeper configures no installer."""
_HOME_ENTRIES = 10_000
_DECLARING = frozenset({".toml", ".txt", ".lock", ".cfg", ".in", ".ini", ".conf", ""})
_MODULES = frozenset({".py", ".pyi", ".pyc", ".so", ".pyx", ".c", ".cpp"})
"""They declare nothing that an installer of wheels reads."""
_APP_DEPTH = 3
_APP_FILES = 2_000
_TEXT, _OTHER, _ALL_TEXTS = 4 << 20, 1 << 16, 64 << 20
"""In bytes: of one that may declare something by its name, of one of another name, of all together."""
_NAMED = 3


@frozen
class HomeDirectory:
    """The configuration of programs in the home directory, as it is before the code of packages runs."""

    root: Path | None
    files: Mapping[str, Signature]

    @classmethod
    def look(cls, env: Mapping[str, str]) -> "HomeDirectory":
        """Look at the home directory of an environment; no file is opened."""
        root = Path(env["HOME"]) if env.get("HOME", "").startswith("/") else None
        return cls(root, dict(_signatures(root)) if root else {})

    def unchanged(self, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
        """Make links in ``folder`` to the files that are as they were; return the variables for programs to use it."""
        if self.root is None:
            return {}
        remove(folder)
        make_directory(folder)
        now = dict(_signatures(self.root))
        for path in (path for path, seen in self.files.items() if now.get(path) == seen):
            make_directory((folder / path).parent)
            (folder / path).symlink_to(self.root / path)
        configured = Path(env.get("XDG_CONFIG_HOME") or "/")
        if configured.is_relative_to(self.root):
            return {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / configured.relative_to(self.root))}
        return {"HOME": str(folder)}


def _signatures(root: Path) -> list[tuple[str, Signature]]:
    found: list[tuple[str, Signature]] = []
    for folder, directories, files in os.walk(root):
        inside = Path(folder).relative_to(root)
        directories[:] = sorted(
            name for name in directories if len(inside.parts) + 1 < _HOME_DEPTH and (inside.parts or name[0] == ".")
        )
        for name in files if inside.parts else (name for name in files if name[0] == "."):
            with suppress(OSError):
                status = os.lstat(Path(folder, name))
                if stat.S_ISREG(status.st_mode):
                    found.append(((inside / name).as_posix(), signature(status)))
        if len(found) > _HOME_ENTRIES:
            break
    return found


@frozen
class QuietRunner:
    """Implements ports.CommandRunner: shows what a program printed only if it fails."""

    runner: CommandRunner
    reporter: Reporter

    def run(self, command: Command) -> Finished:
        """Run ``command``."""
        finished = self.runner.run(replace(command, show=False))
        if command.show and finished.status != 0:
            show_condensed(finished.output.splitlines(), self.reporter.output)
        return finished


@frozen
class Declarations:
    """The files of what was uploaded that may declare something: small texts near its root."""

    root: Path
    content: Mapping[str, bytes]
    modes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "Declarations":
        """Read them."""
        found: dict[str, bytes] = {}
        modes: dict[str, int] = {}
        left = _ALL_TEXTS
        for folder, directories, files in os.walk(root):
            inside = Path(folder).relative_to(root)
            directories[:] = sorted(name for name in directories if name[0] != "." and len(inside.parts) < _APP_DEPTH)
            for name in files:
                path = Path(folder, name)
                most = min(left, _TEXT if path.suffix in _DECLARING else _OTHER)
                with suppress(OSError):
                    content = None if path.suffix in _MODULES else read_bounded(path, most)
                    if content is not None:
                        left -= len(content)
                        found[(inside / name).as_posix()] = content
                        modes[(inside / name).as_posix()] = stat.S_IMODE(path.stat().st_mode)
            if len(found) > _APP_FILES:
                break
        return cls(root, found, modes)

    def changed(self, app: Path) -> tuple[str, ...]:
        """Return which are not as they were, and which uv would find above the directory ``app`` that are new."""
        now = Declarations.read(self.root).content
        inside = app.relative_to(self.root).as_posix()
        above = {name for name in now.keys() - self.content.keys() if name.endswith(".toml") and inside != "."}
        return (
            *(path for path, content in self.content.items() if now.get(path) != content),
            *sorted(path for path in above if not path.startswith(f"{inside}/")),
        )

    def put_back(self, paths: Iterable[str]) -> None:
        """Write these files as they were, and remove those that are new. Raises OSError and FileNotWritten."""
        for path in paths:
            remove(self.root / path)
            if path in self.content:
                make_directory((self.root / path).parent)
                write_file(self.root / path, self.content[path], self.modes[path])


@frozen
class Before:
    """What the installer is configured with, as it is before the code of packages runs."""

    home: HomeDirectory
    private: PrivateFiles
    files: HomeFiles
    """Those of the installers, wherever variables say that they are."""
    app: Path
    declared: Declarations

    @classmethod
    def look(cls, context: InstallContext) -> "Before":
        """Look at all of it. Raises OSError."""
        project = context.project
        declared = Declarations.read(project.uploaded)
        private, files = PrivateFiles.read(context.scratch.parent), HomeFiles.read(project.root, context.env)
        return cls(HomeDirectory.look(context.env), private, files, project.root, declared)

    def put_back(self) -> None:
        """Write what installers read as it was, for another attempt. Raises OSError and FileNotWritten."""
        self.private.put_back()
        self.files.put_back()
        self.declared.put_back(self.declared.changed(self.app))

    def declares_the_same(self, context: InstallContext, tools: Collection[str]) -> bool:
        """Say whether the app declares the same after the installation that ``context`` is of.

        What packages have changed is put back. A project of the app that was built may have changed its own files;
        whether one was built by the ``tools`` that were run besides uv is not known.
        """
        changed = self.declared.changed(self.app)
        if changed and not context.built_directories and not tools:
            context.reporter.line(f"Put back, because code of packages changed it: {', '.join(changed[:_NAMED])}")
            self.declared.put_back(changed)
            return True
        return not changed


def context_without_builds(context: InstallContext, before: Before, tools: Collection[str]) -> InstallContext | None:
    """Return the context for an installation from wheels, with a new cache that has those that were built.

    ``context`` is that of an installation in which something was built, ``tools`` are those that it has run besides uv.
    None if the wheel of one was not kept; nothing is changed then. Raises FileNotWritten.
    """
    names, scratch = context.built_from_source, context.scratch
    if tools == {PIP.name}:
        is_taken = take_wheels_of_pip(scratch / "pip-cache", names, scratch)
    else:
        is_taken = not tools and take_wheels(context.uv.cache, names, context.built_directories, scratch)
    if not is_taken:
        return None
    context.tools.unpack_again()
    before.private.put_back()
    before.files.put_back()
    context = context_untouched(context)
    env = {**context.env, **before.home.unchanged(context.scratch / "home", context.env)}
    return replace(context, env=env, built_from_source=set(), built_directories=set())


def context_untouched(context: InstallContext) -> InstallContext:
    """Return the context without the directories of programs that code of packages may have changed: untouched.py."""
    found = untouched(context.env, context.since)
    if found.changed:
        named = ", ".join(found.changed[:_NAMED])
        context.reporter.line(f"Not used while packages are installed, because code of packages changed it: {named}")
    return replace(context, env=found.env)
