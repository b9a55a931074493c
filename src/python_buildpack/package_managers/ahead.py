"""Downloads an app's wheels into uv's cache, while its interpreter is downloaded and installed.

The manager itself says what it is going to install: its ``resolve`` and ``install`` run with a runner that does not
start their first command for uv, but another one, made from it, for the same indexes with the same settings. That one
installs for the app's version of Python into a directory that nobody reads. What stays is uv's cache, where the
installation finds the wheels, and decides by itself whether it can use them.

No code of a package or of the app may run meanwhile: it could change the interpreter. uv may build nothing here, but
editable projects it builds all the same (``--only-binary``), so it gets requirements by name only, and no line that
names a place; of a lock, only wheels (``lock_of_wheels.py``). No other tool runs.

Whatever goes wrong is no error here: the installation does it again, and has the error.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from io import StringIO
from pathlib import Path

from packaging.requirements import Requirement

from cnb.errors import BuildpackError
from cnb.frozen import frozen, replace
from cnb.trees import make_directory, remove
from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, table
from python_buildpack.app.project import Project
from python_buildpack.package_managers.fetched_wheels import FetchedWheels
from python_buildpack.package_managers.index_for_uv import SHOW_INDEXES
from python_buildpack.package_managers.interface import InstallContext, Manager
from python_buildpack.package_managers.kept_wheels import KeptWheels
from python_buildpack.package_managers.lock_of_wheels import names_in, wheels_of_lock
from python_buildpack.package_managers.requirement_files import (
    logical_lines,
    read_requirement_files,
    requirement_name,
    without_options,
)
from python_buildpack.package_managers.uv_lock_places import LOCK, local_sources
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.tools.pinned import PinnedTool, Tools

_FILES = frozenset({"--requirement", "--requirements"})
_KEPT = frozenset({"--no-config", "--no-sources", "--no-deps", "--verify-hashes", "--require-hashes", "--no-index"})
_KEPT_WITH_VALUE = frozenset({"--constraints", "--index-strategy"})
_KEPT_BEGINNINGS = ("--prerelease=", "--allow-insecure-host=")
_LEFT_OUT = frozenset({"--exact", "--quiet", "--no-header", "--no-annotate", SHOW_INDEXES})
_LEFT_OUT_WITH_VALUE = frozenset({"--python", "--python-version", "--output-file", "--editable", "--only-binary"})
"""Options of the managers' commands; a command with any other is not followed."""
_HARMLESS = frozenset({"index", "package", "default-groups", "dev-dependencies", "required-version"})
"""Keys of ``[tool.uv]``."""
_INDEX_OPTION = re.compile(
    r"(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)(?:=|[ \t]+)[^\s]+|--no-index|--pre"
)
_HASH = re.compile(r"\s--hash(?:=|\s+)(?P<hash>[a-z0-9]+:[0-9a-f]+)")
_LIST = "by-name.txt"
_ATTEMPTS = 4
"""How often what has no wheels is left out: uv names one at a time."""
_NO_WHEEL = re.compile(r"^hint: Wheels are required for `(?P<name>[^`]+)`", re.MULTILINE)
_PREPARED = re.compile(r"^Prepared (?P<count>[0-9]+) packages?\b", re.MULTILINE)


class _Left(Exception):
    """Leaves the manager's code when its first command was seen."""


class _NotFollowed(_Left):
    """The command has something of which it is not known that no code runs for it."""


class _NoTools:
    """Implements tools.pinned.Tools: there are none, as other tools than uv may run code of packages."""

    def with_runner(self, runner: CommandRunner) -> Tools:
        """Return the same."""
        del runner
        return self

    def has(self, tool: PinnedTool) -> bool:
        """Return False."""
        del tool
        return False

    def keep(self, tool: PinnedTool) -> None:
        """Do nothing."""

    def unpack_again(self) -> None:
        """Do nothing."""

    def run(self, tool: PinnedTool, argv: tuple[str, ...], command: Command) -> Finished:
        """Raise _NotFollowed."""
        del tool, argv, command
        raise _NotFollowed


def fetch_ahead(manager: Manager, context: InstallContext, is_cancelled: Callable[[], bool]) -> FetchedWheels | None:
    """Download what ``manager`` is going to install, as far as that is known; return the wheels, None if it is not.

    What earlier builds have kept is put into uv's cache before, and is not downloaded.
    Uses no interpreter but the buildpack's. Ends early, with None, when ``is_cancelled`` returns True.
    """
    scratch = context.scratch / "ahead"
    site = scratch / "lib" / f"python{'.'.join(context.python_version.split('.')[:2])}" / "site-packages"
    make_directory(site)
    earlier = KeptWheels(context.kept_wheels, context.scratch) if context.kept_wheels is not None else None
    runner = _First(manager, replace(context, scratch=scratch), is_cancelled, [], [])
    # Nothing of this is of the installation, which sees by these what has run.
    alone = replace(
        context,
        scratch=scratch,
        runner=runner,
        # What is said now is said again by the installation.
        reporter=TextReporter(StringIO()),
        tools=_NoTools(),
        app_python=None,
        built_from_source=set(),
        built_directories=set(),
        shown_tools=set(),
    )
    try:
        if earlier is not None:
            earlier.restore()
        manager.install(alone, manager.resolve(alone), scratch)
    except (_Left, BuildpackError, OSError):
        pass
    finally:
        remove(scratch)
    if is_cancelled() or not runner.counts:
        return None
    fetched = FetchedWheels(sum(runner.counts), context.uv.scratch, earlier)
    # Where all is wheels, nothing is going to be built.
    return fetched.seal() if runner.left_out else fetched


@frozen
class _First:
    """Implements ports.CommandRunner for the manager: its first command becomes a download; then raises _Left."""

    manager: Manager
    context: InstallContext
    is_cancelled: Callable[[], bool]
    counts: list[int]
    left_out: list[str]
    """What the installation may have to build."""

    def run(self, command: Command) -> Finished:
        """Download what the command would install. Raises _Left."""
        context = self.context
        # A file of overrides may replace a requirement by a place.
        if command.argv[0] != str(context.uv.executable()) or command.env.get("UV_OVERRIDE"):
            raise _NotFollowed
        argv = (
            *(command.argv[0], "pip", "install", "--target", str(context.scratch / "unused")),
            *("--python", str(context.uv.python), "--python-version", context.python_version),
            *("--only-binary", ":all:", *self._wanted(command.argv[1:])),
        )
        # An index that does not answer is asked again by the installation.
        env = {**command.env, "UV_HTTP_RETRIES": "0"}
        download = replace(command, argv=argv, env=env, show=False, is_cancelled=self.is_cancelled)
        finished = context.runner.run(download)
        for _ in range(_ATTEMPTS):
            without_wheels = {match["name"] for match in _NO_WHEEL.finditer(finished.output)}
            if finished.status != 0 and without_wheels and self._leave_out(without_wheels):
                finished = context.runner.run(download)
        if finished.status == 0:
            found = _PREPARED.search(finished.output)
            self.counts.append(int(found["count"]) if found else 0)
        raise _Left

    def _leave_out(self, names: Collection[str]) -> bool:
        """Remove from the list what has no wheels; return whether there was some of it."""
        path = self.context.scratch / _LIST
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if path.exists() else []
        left = [line for line in lines if requirement_name(line) not in names]
        self.left_out.extend(names)
        path.write_text("".join(f"{line}\n" for line in left), encoding="utf-8", errors="surrogateescape")
        return len(left) < len(lines)

    def _wanted(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Return the options of uv for what the command would install. Raises _NotFollowed."""
        if argv[:1] == ("sync",):
            return self._locked(LOCK)
        match argv[:2]:
            case ("pip", "sync"):
                return self._locked(argv[2])
            case ("pip", "install"):
                return self._by_name(argv[2:])
            case ("pip", "compile"):
                return self._by_name(_with_files_named(argv[2:]))
            case _:
                raise _NotFollowed

    def _locked(self, lock: str) -> tuple[str, ...]:
        minor = ".".join(self.context.python_version.split(".")[:2])
        wanted = self.manager.pinned(self.context.project).at(minor)
        text = wheels_of_lock(self.context.project, lock, wanted)
        if not text:
            raise _NotFollowed
        self.left_out.extend(wanted.keys() - names_in(text))
        self.left_out.extend(path for kind, path in local_sources(self.context.project) if kind != "virtual")
        path = self.context.scratch / "pylock.toml"
        path.write_text(text, encoding="utf-8")
        return ("--requirements", str(path), "--no-deps")

    def _by_name(self, argv: Iterable[str]) -> tuple[str, ...]:
        options: list[str] = []
        lines: list[str] = []
        for words in _parted(argv):
            if words[0] in _FILES and not self._is_generated_project(words[1]):
                lines += self._lines(words[1])
            elif words[0] not in _LEFT_OUT and words[0] not in _LEFT_OUT_WITH_VALUE:
                options += words
        is_configured = "--no-config" not in options and not _names_indexes_only(self.context.project)
        if is_configured or not (any(map(_by_name_only, lines)) or "--requirements" in options):
            raise _NotFollowed
        path = self.context.scratch / _LIST
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogateescape")
        # A list with hashes is complete.
        more = ("--no-deps",) if "--require-hashes" in options else ()
        return (*options, *more, "--requirements", str(path))

    def _is_generated_project(self, file: str) -> bool:
        """Say whether a file is a project that the buildpack made, which requires names only: index_for_uv.py."""
        return Path(file).name == PYPROJECT and Path(file).is_relative_to(self.context.scratch)

    def _lines(self, file: str) -> Iterator[str]:
        """Yield the requirements by name in a file of the app, or of this build, and the options for indexes."""
        if Path(file).is_absolute():
            texts: Iterable[str] = (line.text for line in logical_lines(file, Path(file).read_text(encoding="utf-8")))
        elif Path(file).name == PYPROJECT:
            texts = _dependencies(self.context.project, file)
            self.left_out.append(file)
        elif Path(file).suffix in {".py", ".cfg"}:
            raise _NotFollowed
        else:
            texts = read_requirement_files(self.context.project, file, self.context.env).required
        for text in texts:
            plain = text if _INDEX_OPTION.fullmatch(text) else _by_name_only(text)
            if plain is None:
                self.left_out.append(text)
            else:
                yield plain


def _dependencies(project: Project, file: str) -> list[str]:
    """Return what a project requires, if it says so itself. Raises _NotFollowed, and BuildpackError for a bad file."""
    declared = table(read_toml(project, file) or {}, file, "project")
    needs, dynamic = declared.get("dependencies"), declared.get("dynamic", [])
    if not isinstance(needs, list) or not isinstance(dynamic, list) or "dependencies" in dynamic:
        raise _NotFollowed
    return [need for need in needs if isinstance(need, str)]


def _names_indexes_only(project: Project) -> bool:
    """Say whether the app's settings of uv cannot replace a requirement by a place, from which uv would build it."""
    is_all = project.root == project.uploaded and not project.has("uv.toml")
    return is_all and pyproject_table(project, "tool", "uv").keys() <= _HARMLESS


def _parted(argv: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield each option with its value. Raises _NotFollowed for one that no manager gives uv today."""
    words = iter(argv)
    for word in words:
        if word in _FILES or word in _KEPT_WITH_VALUE or word in _LEFT_OUT_WITH_VALUE:
            yield word, next(words, "")
        elif word in _KEPT or word in _LEFT_OUT or word.startswith(_KEPT_BEGINNINGS):
            yield (word,)
        else:
            raise _NotFollowed


def _with_files_named(argv: tuple[str, ...]) -> Iterator[str]:
    """Yield the words of ``uv pip compile`` with an option before each file, as ``uv pip install`` has it."""
    words = iter(argv)
    for word in words:
        if not word.startswith("-"):
            yield "--requirements"
            yield word
            continue
        yield word
        if word in _KEPT_WITH_VALUE or word in _LEFT_OUT_WITH_VALUE:
            yield next(words, "")


def _by_name_only(text: str) -> str | None:
    """Return a line that requires a distribution by its name, and its hashes; None if it names a place.

    It is written anew: uv reads ``-e ./place`` behind a hash, or an option, as a line of its own.
    """
    try:
        need = Requirement(without_options(text))
    except (ValueError, RecursionError):
        return None
    plain = " ".join((str(need), *(f"--hash={found}" for found in _HASH.findall(text))))
    # A marker of pyproject.toml may have more than one line.
    return None if need.url or len(plain.splitlines()) > 1 else plain
