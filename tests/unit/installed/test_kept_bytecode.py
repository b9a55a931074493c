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
from python_buildpack.support.growing_file import GrowingFile

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
    base, added, index = (CachedFile(tmp_path / name, digests) for name in ("base", "added", "index"))
    return KeptBytecode(GrowingFile(base, added), index)


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
    whole = kept.archive.added.path.stat().st_size
    compile_tree(PYTHON, environment(tmp_path / "second", "json"), SubprocessRunner(), kept)

    assert kept.archive.added.path.stat().st_size < whole
    counting = Counting()
    compile_tree(PYTHON, environment(tmp_path / "third", "json"), counting, kept)
    assert counting.compiled == set()


def test_an_archive_that_is_not_what_was_written_is_not_used(tmp_path: Path, kept: KeptBytecode) -> None:
    """Whoever changes it, gets everything compiled again; and then it is right again."""
    compile_tree(PYTHON, environment(tmp_path / "first", "json"), SubprocessRunner(), kept)
    before = kept.archive.added.path.read_bytes()
    kept.archive.added.path.write_bytes(before[:-1] + b"x")
    counting = Counting()

    compile_tree(PYTHON, environment(tmp_path / "second", "json"), counting, kept)

    assert "decoder.py" in counting.compiled
    assert kept.archive.added.path.read_bytes() == before
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


@pytest.fixture
def grown(tmp_path: Path, kept: KeptBytecode, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Keep some packages, then the same with one more; return the first file as it was after the first build."""
    monkeypatch.setattr("python_buildpack.support.growing_file._SMALL", 0)
    compile_tree(PYTHON, environment(tmp_path / "first", "json", "email"), SubprocessRunner(), kept)
    base = kept.archive.base.path.read_bytes()
    compile_tree(PYTHON, environment(tmp_path / "second", "json", "email", "ast.py"), SubprocessRunner(), kept)
    return base


def test_what_changes_little_leaves_the_first_file_as_it_is(tmp_path: Path, kept: KeptBytecode, grown: bytes) -> None:
    """What is new is in the second one, and nothing of it is compiled again; what is too much makes the first anew."""
    assert kept.archive.base.path.read_bytes() == grown
    assert kept.archive.added.exists()
    counting = Counting()
    compile_tree(PYTHON, environment(tmp_path / "third", "json", "email", "ast.py"), counting, kept)
    assert counting.compiled == set()
    assert bytecode_of(tmp_path / "third") == bytecode_of(tmp_path / "second")
    compile_tree(PYTHON, environment(tmp_path / "fourth", "json", "ast.py"), counting, kept)
    assert (counting.compiled, kept.archive.added.exists()) == (set(), False)
    assert kept.archive.base.path.read_bytes() != grown


@pytest.mark.parametrize("file", ["base", "added"])
def test_a_damaged_file_costs_what_it_had(tmp_path: Path, kept: KeptBytecode, grown: bytes, file: str) -> None:
    """The other one is used; afterwards both are whole."""
    assert grown
    getattr(kept.archive, file).path.write_bytes(b"x")
    counting = Counting()
    compile_tree(PYTHON, environment(tmp_path / "third", "json", "email", "ast.py"), counting, kept)
    assert ("ast.py" in counting.compiled, "decoder.py" in counting.compiled) == (file == "added", file == "base")
    assert bytecode_of(tmp_path / "third") == bytecode_of(tmp_path / "second")
    counting.compiled.clear()
    compile_tree(PYTHON, environment(tmp_path / "fourth", "json", "email", "ast.py"), counting, kept)
    assert counting.compiled == set()


def test_a_file_of_another_build_is_not_taken_for_this_one(tmp_path: Path, kept: KeptBytecode, grown: bytes) -> None:
    """Platforms may restore one layer of the cache from before, and its record: the index says what it is about."""
    other = environment(tmp_path / "other", "json", "email")
    (other / SITE / "json" / "decoder.py").write_text("changed = True\n")
    elsewhere = {name: CachedFile(tmp_path / "elsewhere" / name) for name in ("base", "added", "index")}
    (tmp_path / "elsewhere").mkdir()
    kept_elsewhere = KeptBytecode(GrowingFile(elsewhere["base"], elsewhere["added"]), elsewhere["index"])
    compile_tree(PYTHON, other, SubprocessRunner(), kept_elsewhere)
    kept.archive.base.write(elsewhere["base"].path.read_bytes())
    assert kept.archive.base.path.read_bytes() != grown
    compile_tree(PYTHON, environment(tmp_path / "third", "json", "email", "ast.py"), SubprocessRunner(), kept)
    assert bytecode_of(tmp_path / "third") == bytecode_of(tmp_path / "second")
