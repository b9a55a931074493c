"""Bytecode that a later build takes from the cache, checked against a real compiler."""

import hashlib
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from python_buildpack.installed.bytecode import compile_tree, compile_trees
from python_buildpack.installed.kept_bytecode import KeptBytecode
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.support.cached_files import CachedFile

PYTHON = Path(sys.executable)
SITE = "python3/site-packages"


class Counting:
    """Runs commands, and counts the sources that compilers were given."""

    def __init__(self) -> None:
        self.compiled: set[str] = set()

    def run(self, command: Command) -> Finished:
        """Return how it ended."""
        for word in command.argv[command.argv.index("-c") + 3 :: 2]:
            self.compiled |= {Path(line).name for line in Path(word).read_text().splitlines()}
        return SubprocessRunner().run(command)


@pytest.fixture
def kept(tmp_path: Path) -> KeptBytecode:
    """Return an empty cache."""
    digests: dict[str, str] = {}
    return KeptBytecode(CachedFile(tmp_path / "compiled", digests), CachedFile(tmp_path / "index", digests))


def environment(root: Path, *names: str) -> Path:
    """Return a tree with packages and modules of the standard library as if they were installed."""
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    for name in names:
        target = root / SITE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".py"):
            shutil.copyfile(stdlib / name, target)
        else:
            shutil.copytree(stdlib / name, target, ignore=shutil.ignore_patterns("__pycache__", "test*"))
    return root


def bytecode_of(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(root.rglob("*.pyc"))
    }


def test_bytecode_does_not_depend_on_what_is_installed_beside_it(tmp_path: Path) -> None:
    """Packages and modules are compiled apart, so each has the same bytes in whatever environment."""
    both = environment(tmp_path / "both", "json", "email", "dis.py", "ast.py")
    one = environment(tmp_path / "one", "email", "ast.py")

    for root in (both, one):
        compile_tree(PYTHON, root, SubprocessRunner())

    alone = bytecode_of(one)
    assert alone.items() <= bytecode_of(both).items()
    assert alone.keys() < bytecode_of(both).keys()


def test_only_what_is_new_is_compiled(tmp_path: Path, kept: KeptBytecode) -> None:
    """A changed build compiles the packages that changed, and has the bytes of a clean build."""
    first = environment(tmp_path / "first", "json", "email", "dis.py")
    compile_tree(PYTHON, first, SubprocessRunner(), kept)
    second = environment(tmp_path / "second", "json", "email", "ast.py")
    (second / SITE / "json" / "tool.py").write_text("changed = True\n")
    counting = Counting()

    compile_tree(PYTHON, second, counting, kept)

    assert counting.compiled == {"ast.py", *(path.name for path in (second / SITE / "json").rglob("*.py"))}
    clean = shutil.copytree(second, tmp_path / "clean", ignore=shutil.ignore_patterns("__pycache__"))
    compile_tree(PYTHON, clean, SubprocessRunner())
    assert bytecode_of(second) == bytecode_of(clean)


def test_what_is_not_installed_any_more_leaves_the_cache(tmp_path: Path, kept: KeptBytecode) -> None:
    """The archive has one environment, and does not grow from build to build."""
    compile_tree(PYTHON, environment(tmp_path / "first", "json", "email"), SubprocessRunner(), kept)
    whole = kept.archive.path.stat().st_size
    compile_tree(PYTHON, environment(tmp_path / "second", "json"), SubprocessRunner(), kept)

    assert kept.archive.path.stat().st_size < whole
    counting = Counting()
    compile_tree(PYTHON, environment(tmp_path / "third", "json"), counting, kept)
    assert counting.compiled == set()


def test_an_archive_that_is_not_what_was_written_is_not_used(tmp_path: Path, kept: KeptBytecode) -> None:
    """Whoever changes it, gets everything compiled again; and then it is right again."""
    compile_tree(PYTHON, environment(tmp_path / "first", "json"), SubprocessRunner(), kept)
    before = kept.archive.path.read_bytes()
    kept.archive.path.write_bytes(before[:-1] + b"x")
    counting = Counting()

    compile_tree(PYTHON, environment(tmp_path / "second", "json"), counting, kept)

    assert "decoder.py" in counting.compiled
    assert kept.archive.path.read_bytes() == before
    assert bytecode_of(tmp_path / "first") == bytecode_of(tmp_path / "second")


def test_trees_that_are_compiled_together_get_the_bytecode_of_each_alone(tmp_path: Path, kept: KeptBytecode) -> None:
    """By one program for all: the layers of heavy packages, and the environment."""
    alone = [environment(tmp_path / "alone" / name, name) for name in ("json", "email")]
    for root in alone:
        compile_tree(PYTHON, root, SubprocessRunner())
    first, second = (environment(tmp_path / "together" / name, name) for name in ("json", "email"))
    compile_trees(PYTHON, {first: None, second: kept}, SubprocessRunner())
    assert [bytecode_of(first), bytecode_of(second)] == [bytecode_of(root) for root in alone]
    again = environment(tmp_path / "again", "email")
    counting = Counting()
    compile_tree(PYTHON, again, counting, kept)
    assert (counting.compiled, bytecode_of(again)) == (set(), bytecode_of(second))
