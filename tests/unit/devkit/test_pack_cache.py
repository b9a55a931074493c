"""What is prepared once and kept, and the programs that prepare it."""

import select
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from devkit.pack.cache import Cache, fingerprint
from devkit.pack.commands import PlatformUnavailable, run, run_step
from devkit.pack.debian import install_missing
from devkit.pack.engine import stop_engine

SHELL = ("sh", "-c")


def test_a_fingerprint_tells_parts_apart() -> None:
    """The same parts give the same fingerprint; moving a character from one part to the next gives another."""
    assert fingerprint("ab", b"c") == fingerprint(b"ab", "c")
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("abc") != fingerprint("abc", "")


def test_a_lock_is_held_by_one_process(tmp_path: Path) -> None:
    """While one process holds a lock another waits, and it goes on as soon as the lock is free."""
    program = (
        "import sys, pathlib; from devkit.pack.cache import Cache; cache = Cache(pathlib.Path(sys.argv[1]))\n"
        "print('asking', flush=True)\n"
        "with cache.locked('name'): print('have it', flush=True)"
    )
    cache, command = Cache(tmp_path), [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other, ExitStack() as held:
        assert other.stdout is not None
        held.enter_context(cache.locked("name"))
        with cache.locked("another name"):
            assert other.stdout.readline() == b"asking\n"
        assert select.select([other.stdout], [], [], 0.2)[0] == []
        held.close()
        assert other.stdout.readline() == b"have it\n"


def test_output_is_merged_in_order() -> None:
    """Both outputs of a program come as one text, and line by line to whoever listens."""
    heard: list[str] = []
    finished = run([*SHELL, "echo one; echo two >&2; printf three; exit 4"], echo=heard.append)
    assert (finished.status, finished.output) == (4, "one\ntwo\nthree")
    assert heard == ["one", "two", "three"]


def test_a_program_sees_the_environment_and_additions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is given is added to the environment of this process, and the working directory is as asked."""
    monkeypatch.setenv("OUTER", "1")
    finished = run([*SHELL, "echo $OUTER $INNER; pwd"], env={"INNER": "2"}, cwd=tmp_path)
    assert finished.output == f"1 2\n{tmp_path}\n"


def test_a_program_that_hangs_is_killed() -> None:
    """A program that takes longer than allowed ends with a negative status."""
    assert run(["sleep", "30"], timeout=0.1).status == -9


def test_a_missing_program_is_a_status() -> None:
    """A program that is not there is reported as shells do."""
    assert run(["no-such-program-here"]).status == 127


def test_a_failed_step_shows_the_end_of_its_output() -> None:
    """The error of a step names what was tried and shows why it failed, without the beginning of a long log."""
    with pytest.raises(PlatformUnavailable, match=r"(?s)^Counting failed: `sh -c .* status 3:\n21\n.*\n50\n") as caught:
        run_step("Counting", [*SHELL, "seq 50; exit 3"])
    assert "\n20\n" not in str(caught.value)


def test_programs_that_are_there_are_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package manager is not asked for, and need not exist, when nothing is missing."""
    (tmp_path / "there").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    install_missing({"there": "a-package-that-does-not-exist"})


def test_without_a_package_manager_the_missing_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nothing can be installed, the error names the missing programs and their packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlatformUnavailable, match=r"missing: one, two\. .*apt-get install both\)"):
        install_missing({"two": "both", "one": "both"})


@pytest.mark.parametrize("content", ["", "not a number", "1", "4194304999"])
def test_only_our_own_engine_is_stopped(tmp_path: Path, content: str) -> None:
    """A pid file that names no process, or one that is no dockerd, stops nothing."""
    (tmp_path / "dockerd.pid").write_text(content)
    assert stop_engine(Cache(tmp_path)) is False


def test_no_engine_to_stop(tmp_path: Path) -> None:
    """Where we never started an engine there is none to stop."""
    assert stop_engine(Cache(tmp_path)) is False
