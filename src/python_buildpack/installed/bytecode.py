"""Compiles Python to bytecode that is equal, byte for byte, in every build.

The kind is ``unchecked-hash`` (PEP 552). The lifecycle sets the times of all files to 1980, so bytecode with the time
of its source would be out of date at every start (648 ms instead of 111 ms for an app with heavy imports).

Equal bytes let images share layers. They need a fixed hash seed; sorted files; a fixed share of the files for each
process, because what CPython writes depends on what the process compiled before (cpython#129724); a compiler that
imports almost nothing; and file names relative to the root, which the import system replaces by the real ones.

In a site-packages, each package and each module is compiled apart from the others, so its bytecode is the same whatever
is installed beside it. So a later build may take it from the cache: see kept_bytecode.py.

Test modules of packages are not compiled: they are not imported in an image, and their bytecode would be nearly a tenth
of an image with pandas and scikit-learn. They still can be imported from their source.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cnb.errors import BuildpackError
from cnb.files import DiskFull, explained_when_full, shows_full_disk
from cnb.frozen import frozen
from python_buildpack.ports.interfaces import Command, CommandRunner
from python_buildpack.secrets.redact import last_lines

if TYPE_CHECKING:
    from python_buildpack.installed.kept_bytecode import KeptBytecode

_T = TypeVar("_T")

SHARDS = 4
"""The number of processes for the files of one group, at most. Another number would give other bytes."""
SHARED_OUT = 64
"""The number of files from which on several processes compile a package. Another number would give other bytes."""

_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    # Makes the compiler import from source only: its output depends on what it has imported, and from which files.
    "PYTHONPYCACHEPREFIX": "no-such-directory",
    # Otherwise its imports would write bytecode into that directory.
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}

_SITE_PACKAGES = "/site-packages/"
_OF_PLACE = re.compile(r"_sysconfigdata_[^/]*\.py|config-[^/]*/python-config\.py")
_TEST_FOLDERS = frozenset({"test", "tests"})
_STARTED = """
import marshal, os, sys
from importlib.util import MAGIC_NUMBER, source_hash
for module in list(sys.modules.values()):
    print(getattr(module, "__file__", None))
"""
"""Imports what the compiler imports."""
COMPILER = Path(__file__).with_name("bytecode_compiler.py")
_SOME_FAILED = 1
"""The compiler's status if some files could not be compiled."""
_FAILED_FILE = re.compile(r"^\*\*\* Error compiling ", re.MULTILINE)


class BytecodeFailed(BuildpackError):
    """The interpreter that compiles the bytecode was ended early, most likely because of too little memory."""

    code = "bytecode-failed"
    title = "The bytecode could not be compiled"
    remedies = ("memory",)


@frozen
class Compiled:
    """The result of a compilation."""

    files: int
    """The number of source files."""
    failed: int
    """How many of them could not be compiled: templates, and code for other versions, which are never imported."""


def compile_tree(python: Path, root: Path, runner: CommandRunner, kept: "KeptBytecode | None" = None) -> Compiled:
    """Compile every ``*.py`` below ``root``, except test modules, with the interpreter ``python``.

    Existing bytecode is replaced. What ``kept`` has is not compiled, and it keeps the bytecode for the next build.
    Raises BytecodeFailed and DiskFull.
    """
    return compile_trees(python, {root: kept}, runner)


def compile_trees(python: Path, roots: "Mapping[Path, KeptBytecode | None]", runner: CommandRunner) -> Compiled:
    """Do the same below several directories, by one program, so that no processor waits for the end of one of them."""
    groups = {(root, group): files for root in roots for group, files in _groups(root).items()}
    count = sum(map(len, groups.values()))
    with explained_when_full(next(iter(roots))), tempfile.TemporaryDirectory(prefix="bytecode-") as scratch:
        new = {place: files for place, files in groups.items() if roots[place[0]] is None}
        for root, kept in roots.items():
            if kept is not None:
                found = kept.put_back(root, _groups_of(root, groups))
                new |= {(root, group): list(files) for group, files in found.items()}
        lists = _write_lists(Path(scratch), new)
        failed = _run_compiler(python, Path(scratch), lists, runner) if lists else 0
        for root, kept in roots.items():
            if kept is not None:
                made = {group: _made(paths) for group, paths in _groups_of(root, lists).items()}
                kept.store(root, _groups_of(root, groups), made)
    return Compiled(count, failed)


def compile_of_place(python: Path, root: Path, runner: CommandRunner) -> None:
    """Compile the files of a standard library that name its place, and no others. Raises as ``compile_tree`` does."""
    groups = {(root, group): files for group, files in _groups(root).items() if is_of_place(group)}
    with explained_when_full(root), tempfile.TemporaryDirectory(prefix="bytecode-") as scratch:
        _run_compiler(python, Path(scratch), _write_lists(Path(scratch), groups), runner)


Place = tuple[Path, str]
"""A root, and a group of files below it."""


def _groups_of(root: Path, places: "Mapping[Place, list[_T]]") -> "dict[str, list[_T]]":
    return {group: files for (at, group), files in places.items() if at == root}


def _run_compiler(python: Path, scratch: Path, lists: Mapping[Place, Sequence[Path]], runner: CommandRunner) -> int:
    """Compile the files in the lists, and return how many of them could not be compiled."""
    # With -c, not as a file: Python would import modules from the file's directory first.
    program = COMPILER.read_text(encoding="utf-8")
    words = (word for (root, _), paths in lists.items() for path in paths for word in (str(root), str(path)))
    argv = (str(python), "-s", "-S", "-W", "ignore", "-c", program, *words)
    finished = runner.run(Command(argv, _ENVIRONMENT, cwd=scratch, show=False))
    failed = len(_FAILED_FILE.findall(finished.output))
    if finished.status not in {0, _SOME_FAILED} or (finished.status == _SOME_FAILED and not failed):
        raise BytecodeFailed(
            f"{python.name} {finished.ending}. {last_lines(finished.output, 500)}".rstrip(),
            "Give the build more memory. If it has enough, please report this.",
        )
    if failed and shows_full_disk(finished.output):
        raise DiskFull(next(iter(lists))[0])
    return failed


def modules_of_compiler(python: Path, library: Path, runner: CommandRunner) -> frozenset[str]:
    """Return the modules that are loaded when the compiler starts, as paths of sources below ``library``."""
    finished = runner.run(Command((str(python), "-s", "-S", "-W", "ignore", "-c", _STARTED), _ENVIRONMENT, show=False))
    if finished.status != 0:
        raise BytecodeFailed(
            f"{python.name} {finished.ending}. {last_lines(finished.output, 500)}".rstrip(),
            "Please report this.",
        )
    paths = (line for line in finished.output.splitlines() if line.startswith(f"{library}/"))
    return frozenset(path.removeprefix(f"{library}/") for path in paths)


def _is_named_as_test(name: str) -> bool:
    """Return whether a file is named as pytest and unittest name tests.

    Other modules beside the tests are not: some packages, such as astropy, import them when the app runs.
    """
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def _groups(root: Path) -> dict[str, list[str]]:
    """Return the files by what is compiled apart: packages and modules in a site-packages; "" has all others."""
    groups: dict[str, list[str]] = {}
    for name in sorted(sources_in(root), key=_parts):
        if _is_writable_in_utf_8(name):
            groups.setdefault(group_of(name.removeprefix(f"{root}/")), []).append(name)
    return groups


def group_of(path: str) -> str:
    """Return the group of a file; ``path`` is relative to the root."""
    before, folder, inside = f"/{path}".rpartition(_SITE_PACKAGES)
    if not folder:
        return path if is_of_place(path) else ""
    return f"{before}{folder}{inside.partition('/')[0]}".removeprefix("/")


def is_of_place(path: str) -> bool:
    """Return whether a file of a standard library names the place of its interpreter: see interpreters/sysconfig.py."""
    return _OF_PLACE.fullmatch(path) is not None


def sources_in(root: Path) -> Iterator[str]:
    """Yield the paths of the sources that are compiled. Not by pathlib: there are tens of thousands of files."""
    for folder, _, names in os.walk(root):
        inside = f"{folder}/".removeprefix(f"{root}/").split("/")[:-1]
        is_test_folder = not _TEST_FOLDERS.isdisjoint(inside)
        for name in names:
            if name.endswith(".py") and not (is_test_folder and _is_named_as_test(name)):
                path = f"{folder}/{name}"
                if os.path.isfile(path):  # noqa: PTH113 - as above
                    yield path


def _parts(path: str) -> list[str]:
    return path.split("/")


def _is_writable_in_utf_8(name: str) -> bool:
    """Return whether a name can be written to a list with one name a line. Names of modules always can."""
    return name.isprintable()


def _write_lists(directory: Path, groups: Mapping[Place, Sequence[str]]) -> dict[Place, list[Path]]:
    """Write the lists for the compiler, the long ones first, and return those of each group."""
    lists: dict[Place, list[Path]] = {}
    # The numbers of files differ much, and the last list should not be a long one.
    for place, names in sorted(groups.items(), key=lambda item: -len(item[1])):
        shards = min(SHARDS, len(names)) if not place[1] or len(names) >= SHARED_OUT else 1
        for number in range(shards):
            path = directory / str(sum(map(len, lists.values())))
            path.write_text("".join(f"{name}\n" for name in names[number::shards]), encoding="utf-8")
            lists.setdefault(place, []).append(path)
    return lists


def _made(lists: Sequence[Path]) -> list[str]:
    """Return the paths of the bytecode that the compiler wrote for these lists."""
    texts = (path.with_name(f"{path.name}.made").read_text(encoding="utf-8") for path in lists)
    return [line for text in texts for line in text.splitlines()]
