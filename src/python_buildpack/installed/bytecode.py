"""Compiles Python to bytecode that is equal, byte for byte, in every build.

The kind is ``unchecked-hash`` (PEP 552). The lifecycle sets the times of all files to 1980, so bytecode with the time
of its source would be out of date at every start (648 ms instead of 111 ms for an app with heavy imports).

Equal bytes let images share layers. They need a fixed hash seed; sorted files; a fixed number of processes with a fixed
share of the files each, because what CPython writes depends on what the process compiled before (cpython#129724); a
compiler that imports almost nothing; and file names relative to the root, which the import system replaces by the real
ones.

Test modules of packages are not compiled: they are not imported in an image, and their bytecode would be nearly a tenth
of an image with pandas and scikit-learn. They still can be imported from their source.
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
"""The number of processes. Another number would give other bytes."""

_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    # Makes the compiler import from source only: its output depends on what it has imported, and from which files.
    "PYTHONPYCACHEPREFIX": "no-such-directory",
    # Otherwise its imports would write bytecode into that directory.
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}

_TEST_FOLDERS = frozenset({"test", "tests"})
_COMPILER = Path(__file__).with_name("bytecode_compiler.py")
_SOME_FAILED = 1
"""The compiler's status if some files could not be compiled."""
_FAILED_FILE = re.compile(r"^\*\*\* Error compiling ", re.MULTILINE)


class BytecodeFailed(BuildpackError):
    """The interpreter that compiles the bytecode was ended early, most likely because of too little memory."""

    code = "bytecode-failed"
    title = "The bytecode could not be compiled"


@frozen
class Compiled:
    """The result of a compilation."""

    files: int
    """The number of source files."""
    failed: int
    """How many of them could not be compiled: templates, and code for other versions, which are never imported."""


def compile_tree(python: Path, root: Path, runner: CommandRunner) -> Compiled:
    """Compile every ``*.py`` below ``root``, except test modules, with the interpreter ``python``.

    Existing bytecode is replaced. Raises BytecodeFailed and DiskFull.
    """
    names = [name for path in sorted(_sources(root)) if _is_writable_in_utf_8(name := str(path))]
    if not names:
        return Compiled(0, 0)
    with explained_when_full(root), tempfile.TemporaryDirectory(prefix="bytecode-") as scratch:
        lists = _write_lists(Path(scratch), names)
        # With -c, not as a file: Python would import modules from the file's directory first.
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
    """Return whether ``path``, relative to a directory of packages, is named as pytest and unittest name tests.

    Other modules beside the tests are not: some packages, such as astropy, import them when the app runs.
    """
    name = path.name
    return not _TEST_FOLDERS.isdisjoint(path.parts[:-1]) and (
        name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    )


def _sources(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*.py") if path.is_file() and not is_test_module(path.relative_to(root)))


def _is_writable_in_utf_8(name: str) -> bool:
    """Return whether a name can be written to a list with one name a line. Names of modules always can."""
    return name.isprintable()


def _write_lists(directory: Path, names: Sequence[str]) -> list[Path]:
    paths = [directory / str(number) for number in range(min(SHARDS, len(names)))]
    for number, path in enumerate(paths):
        path.write_text("".join(f"{name}\n" for name in names[number::SHARDS]), encoding="utf-8")
    return paths
