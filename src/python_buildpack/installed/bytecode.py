"""Compiles Python to bytecode that is the same, byte for byte, whenever and wherever it is made.

The kind is ``unchecked-hash`` (PEP 552): the lifecycle sets all times to 1980, after which bytecode that remembers its
source's time is stale at every start (648 ms instead of 111 ms for an app with heavy imports). The bytes of two builds
are equal, which lets images share layers, because of five things: a fixed hash seed, sorted files, a fixed number of
processes with a fixed share each (what CPython writes depends on what the process compiled before, cpython#129724), a
compiler that imports as good as nothing, and file names that are relative to the root; the import system puts the real
ones back.

Test modules of packages have none: nobody imports them in an image, and it would be nearly a tenth of one with pandas
and scikit-learn in it. Whoever does import one still can, from its source.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from cnb.errors import BuildpackError
from cnb.files import DiskFull, explained_when_full, shows_full_disk
from cnb.frozen import frozen
from python_buildpack.ports.interfaces import Command, CommandRunner
from python_buildpack.secrets.redact import last_lines

SHARDS = 4
"""Part of the format, so to speak: another number gives other bytes."""

_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    # The compiler imports from source only: what it writes depends on what it has loaded, and from what.
    "PYTHONPYCACHEPREFIX": "no-such-directory",
    # Or its own imports would write bytecode there.
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}

_TEST_FOLDERS = frozenset({"test", "tests"})
_COMPILER = Path(__file__).with_name("bytecode_compiler.py")
_SOME_FAILED = 1
"""Its status when some files could not be compiled."""
_FAILED_FILE = re.compile(r"^\*\*\* Error compiling ", re.MULTILINE)


class BytecodeFailed(BuildpackError):
    """The interpreter that compiles the bytecode broke off: out of memory, most likely."""

    code = "bytecode-failed"
    title = "The bytecode could not be compiled"


@frozen
class Compiled:
    """What came out of it."""

    files: int
    """How many were to be compiled."""
    failed: int
    """How many of them could not be: templates and code for other versions, which nobody imports."""


def compile_tree(python: Path, root: Path, runner: CommandRunner) -> Compiled:
    """Compile every ``*.py`` below ``root`` but test modules, with the interpreter ``python``.

    Bytecode that is there is replaced. Raises BytecodeFailed and DiskFull.
    """
    names = [name for path in sorted(_sources(root)) if _is_writable_in_utf_8(name := str(path))]
    if not names:
        return Compiled(0, 0)
    with explained_when_full(root), tempfile.TemporaryDirectory(prefix="bytecode-") as scratch:
        lists = _write_lists(Path(scratch), names)
        # As text: the folder of a script is the first that Python imports from.
        program = _COMPILER.read_text(encoding="utf-8")
        argv = (str(python), "-s", "-S", "-W", "ignore", "-c", program, str(root), *map(str, lists))
        finished = runner.run(Command(argv, _ENVIRONMENT, cwd=Path(scratch), show=False))
    failed = len(_FAILED_FILE.findall(finished.output))
    if finished.status not in {0, _SOME_FAILED} or (finished.status == _SOME_FAILED and not failed):
        raise BytecodeFailed(
            f"{python.name} ended with status {finished.status}: {last_lines(finished.output, 500)}",
            "Give the build more memory. If it has enough, please report this.",
        )
    if failed and shows_full_disk(finished.output):
        raise DiskFull(root)
    return Compiled(len(names), failed)


def is_test_module(path: PurePath) -> bool:
    """Say whether ``path``, relative to a directory of packages, is a test by the names that pytest and unittest know.

    Helpers beside the tests are not meant: some packages, as astropy, import them when the app runs.
    """
    name = path.name
    return not _TEST_FOLDERS.isdisjoint(path.parts[:-1]) and (
        name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    )


def _sources(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*.py") if path.is_file() and not is_test_module(path.relative_to(root)))


def _is_writable_in_utf_8(name: str) -> bool:
    """Say whether a name fits into a list with one name a line; no module that can be imported has another."""
    return name.isprintable()


def _write_lists(directory: Path, names: Sequence[str]) -> list[Path]:
    paths = [directory / str(number) for number in range(min(SHARDS, len(names)))]
    for number, path in enumerate(paths):
        path.write_text("".join(f"{name}\n" for name in names[number::SHARDS]), encoding="utf-8")
    return paths
