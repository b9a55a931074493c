"""Bytecode that is the same wherever it is made, checked against a real compiler."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from contextlib import suppress
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

import pytest

from python_buildpack.installed.bytecode import SHARDS, BytecodeFailed, Compiled, compile_tree
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, Finished

PYTHON = Path(sys.executable)
PACKAGES = ("json", "email", "concurrent", "unittest")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return a few packages of the standard library."""
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    for name in PACKAGES:
        shutil.copytree(stdlib / name, tmp_path / "first" / name, ignore=shutil.ignore_patterns("__pycache__", "test*"))
    return tmp_path / "first"


def bytecode_of(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.pyc"))
    }


def test_two_directories_give_the_same_bytes(library: Path, tmp_path: Path) -> None:
    """Neither the time, nor the place, nor the order in which files were written shows in the bytecode."""
    second = tmp_path / "elsewhere" / "deep" / "second"
    for path in sorted(library.rglob("*.py"), reverse=True):
        copy = second / path.relative_to(library)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)

    compiled = [compile_tree(PYTHON, root, SubprocessRunner()) for root in (library, second)]

    assert compiled[0] == compiled[1] == Compiled(len(list(library.rglob("*.py"))), 0)
    assert bytecode_of(library) == bytecode_of(second) != {}


def test_compiling_again_changes_nothing(library: Path) -> None:
    """What is there, of whatever kind, is replaced by the same bytes as before."""
    compile_tree(PYTHON, library, SubprocessRunner())
    before = bytecode_of(library)
    source = next(library.rglob("*.py"))
    Path(cache_from_source(str(source))).write_bytes(b"stale")

    compile_tree(PYTHON, library, SubprocessRunner())

    assert bytecode_of(library) == before


def test_it_is_of_the_kind_that_nobody_checks(library: Path) -> None:
    """PEP 552: the flags say that there is a hash, and that it is not compared with the source at every start."""
    compile_tree(PYTHON, library, SubprocessRunner())

    headers = {path.read_bytes()[:8] for path in library.rglob("*.pyc")}

    assert headers == {MAGIC_NUMBER + b"\x01\0\0\0"}


def test_tracebacks_show_the_real_path(tmp_path: Path) -> None:
    """The bytecode holds no directory, yet the import system puts the real one into tracebacks."""
    (tmp_path / "broken.py").write_text("def fail():\n    raise ValueError\n")
    compile_tree(PYTHON, tmp_path, SubprocessRunner())

    output = subprocess.run(
        [PYTHON, "-c", "import broken; broken.fail()"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stderr

    assert f'File "{tmp_path}/broken.py", line 2, in fail' in output
    assert str(tmp_path).encode() not in next(tmp_path.rglob("*.pyc")).read_bytes()


def test_files_that_cannot_be_compiled_are_counted(tmp_path: Path) -> None:
    """Templates and code for other Pythons are part of many packages, and no reason to fail a build."""
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "template.py").write_text("class {{ name }}:\n")
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'\n")
    (tmp_path / "null.py").write_bytes(b"x = 1\0\n")

    assert compile_tree(PYTHON, tmp_path, SubprocessRunner()) == Compiled(4, 3)
    assert [path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")] == ["good"]


def test_test_modules_have_no_bytecode(tmp_path: Path) -> None:
    """Nobody imports them in an image; helpers beside them may be imported."""
    packages = tmp_path / "site-packages"
    kept = (
        "pandas/_testing/__init__.py",
        "django/test/client.py",
        "astropy/tests/runner.py",
        "astropy/tests/__init__.py",
        "test_utils/core.py",
        "pkg/test_settings.py",
        "conftest.py",
    )
    left = (
        "pandas/tests/frame/test_api.py",
        "numpy/_core/tests/test_dtype.py",
        "pandas/tests/io/conftest.py",
        "tests/test_top.py",
        "absl/test/flags_test.py",
    )
    for name in (*kept, *left):
        path = packages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")

    assert compile_tree(PYTHON, packages, SubprocessRunner()) == Compiled(len(kept), 0)
    assert {path.with_suffix(".py").name for path in packages.rglob("*.pyc")} == {
        f"{Path(name).stem}.{sys.implementation.cache_tag}.py" for name in kept
    }
    assert not list(packages.glob("pandas/tests/**/__pycache__"))


def test_odd_names_do_no_harm(tmp_path: Path) -> None:
    """Names with spaces and accents are compiled; what no list can hold, nobody can import either."""
    (tmp_path / "with space é.py").write_text("")
    (tmp_path / "line\nbreak.py").write_text("")
    (tmp_path / "directory.py").mkdir()
    (tmp_path / "dangling.py").symlink_to("nowhere")
    with (tmp_path / "a").open("w"):
        (Path(str(tmp_path)) / "latin\udce9.py").touch()

    assert compile_tree(PYTHON, tmp_path, SubprocessRunner()) == Compiled(1, 0)


def test_an_empty_tree_needs_no_compiler(tmp_path: Path) -> None:
    """Nothing to compile is nothing to run."""
    assert compile_tree(tmp_path / "no-python", tmp_path, SubprocessRunner()) == Compiled(0, 0)


def test_a_compiler_that_breaks_off_is_explained(library: Path) -> None:
    """An interpreter that is missing, or was killed, is not mistaken for files that cannot be compiled."""
    with pytest.raises(BytecodeFailed, match="status 127"):
        compile_tree(library / "no-python", library, SubprocessRunner())


class KillsFirstShard:
    """Runs the command, and kills the compiler of the first list as the kernel does for want of memory."""

    def run(self, command: Command) -> Finished:
        """Return how it ended."""
        shard = os.fsencode(command.argv[1 - 2 * SHARDS]) + b"\0"
        killer = threading.Thread(target=self._kill, args=(shard,), daemon=True)
        killer.start()
        return SubprocessRunner().run(command)

    def _kill(self, shard: bytes) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    # Of those that have the list in their arguments, the one with children is the driver.
                    is_told = shard in (process / "cmdline").read_bytes()
                    children = (process / "task" / process.name / "children").read_text().split()
                    if is_told and children:
                        os.kill(int(children[0]), signal.SIGKILL)
                        return


def test_a_shard_that_is_killed_is_explained(library: Path) -> None:
    """The kernel kills a compiler for want of memory; the bytecode that is missing then is noticed."""
    (library / "a_long_one.py").write_text("".join(f"x{number} = [{number}]\n" for number in range(60_000)))

    with pytest.raises(BytecodeFailed, match="status 70"):
        compile_tree(PYTHON, library, KillsFirstShard())


def test_a_driver_that_crashes_is_explained(library: Path) -> None:
    """Status 1 without the name of a file is not "some files cannot be compiled"."""

    class Crashes:
        """Plays an interpreter that cannot start another process."""

        def run(self, command: Command) -> Finished:
            del command
            return Finished(1, "Traceback (most recent call last):\nBlockingIOError\n")

    with pytest.raises(BytecodeFailed, match="BlockingIOError"):
        compile_tree(PYTHON, library, Crashes())
