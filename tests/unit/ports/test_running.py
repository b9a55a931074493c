"""Running programs for real."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from cnb.frozen import replace
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, Finished

ENV = {"PATH": os.defpath}


def sh(script: str, *, show: bool = True) -> Command:
    return Command(("sh", "-c", script), ENV, show=show)


def is_running(pid: int) -> bool:
    """Say whether a process is there and not just waiting to be buried."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


def test_merges_the_output_and_reports_its_lines() -> None:
    """Both streams come as one, in their order, line by line; the last line may lack its end."""
    lines: list[str] = []

    finished = SubprocessRunner(lines.append).run(sh("echo one; echo two >&2; printf three"))

    assert finished == Finished(0, "one\ntwo\nthree")
    assert lines == ["one", "two", "three"]


def test_shows_only_what_is_to_be_shown() -> None:
    """A command that is not shown is silent, and its output is in the result all the same."""
    lines: list[str] = []

    assert SubprocessRunner(lines.append).run(sh("echo one", show=False)).output == "one\n"
    assert lines == []


def test_a_status_is_a_value() -> None:
    """A program that fails is no error of the runner; one that a signal ended has a negative status."""
    assert SubprocessRunner().run(sh("exit 7")).status == 7
    assert SubprocessRunner().run(sh("kill -9 $$")).status == -9


def test_a_missing_program_is_127() -> None:
    """As in a shell; its name is in the output."""
    finished = SubprocessRunner().run(Command(("no-such-program",), ENV))

    assert finished == Finished(127, "no-such-program: No such file or directory\n")


def test_a_program_that_cannot_be_run_is_126(tmp_path: Path) -> None:
    """A file without the right, or of no format that the kernel knows, is distinguished from a missing one."""
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    odd = tmp_path / "odd"
    odd.write_bytes(b"\0\0\0")
    odd.chmod(0o755)

    assert SubprocessRunner().run(Command((str(plain),), ENV)).status == 126
    assert SubprocessRunner().run(Command((str(odd),), ENV)).status == 126


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    """A working directory that is not there is a mistake of the caller, not a missing program."""
    with pytest.raises(FileNotFoundError):
        SubprocessRunner().run(Command(("true",), ENV, cwd=tmp_path / "none"))


def test_gives_the_environment_and_nothing_more() -> None:
    """The environment is the command's own; nothing of ours leaks into it."""
    finished = SubprocessRunner().run(Command(("env",), {**ENV, "A": "1"}))

    assert sorted(finished.output.split()) == ["A=1", f"PATH={os.defpath}"]


def test_output_that_is_no_text_does_no_harm() -> None:
    """Bytes that are not UTF-8 are replaced, in the lines as in the whole."""
    lines: list[str] = []

    finished = SubprocessRunner(lines.append).run(sh(r"printf 'a\377b\n'"))

    assert (finished.output, lines) == ("a\ufffdb\n", ["a\ufffdb"])


def test_a_progress_bar_is_its_last_state() -> None:
    """A line that is written over and over is shown as a terminal would in the end."""
    lines: list[str] = []

    SubprocessRunner(lines.append).run(sh(r"printf '10%%\r50%%\r100%%\r\n'"))

    assert lines == ["100%"]


def test_a_question_is_answered_with_silence() -> None:
    """A program that asks gets the end of its input, not ours: a terminal would wait for ever."""
    ours, answer = os.pipe()
    before = os.dup(0)
    os.dup2(ours, 0)
    os.write(answer, b"yes\n")
    try:
        assert SubprocessRunner().run(sh("read answer || echo nobody")).output == "nobody\n"
    finally:
        os.dup2(before, 0)
        for descriptor in (ours, answer, before):
            os.close(descriptor)


def test_much_output_does_not_block() -> None:
    """Megabytes on both streams, without a line end, all arrive."""
    script = "import sys; [print('x' * 1000000, end='', file=f) for f in (sys.stdout, sys.stderr) * 4]"

    finished = SubprocessRunner().run(Command((sys.executable, "-c", script), ENV))

    assert len(finished.output) == 8_000_000


@pytest.mark.parametrize("left", ["sleep 60", "while :; do echo again; done"], ids=["silent", "chatty"])
def test_what_is_left_in_the_background_is_ended(left: str) -> None:
    """A program that leaves a child behind which holds its output open does not hold up the build."""
    started = time.monotonic()

    finished = SubprocessRunner().run(sh(f"({left}) & echo $!; exit 3"))

    assert time.monotonic() - started < 15
    assert finished.status == 3
    # The child may have said something before the shell names it.
    assert wait_until_gone(next(int(word) for word in finished.output.split() if word.isdigit()))


def test_an_exception_ends_the_program() -> None:
    """If reporting its output fails, the program and its children do not go on."""
    pids: list[int] = []

    def report(line: str) -> None:
        pids.append(int(line))
        if len(pids) == 2:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        SubprocessRunner(report).run(sh("sleep 60 & echo $!; echo $$; wait"))

    assert all(wait_until_gone(pid) for pid in pids)


def test_sigterm_ends_the_program_and_its_children() -> None:
    """A build that is stopped leaves nothing running, not even a program that ignores the signal at first."""
    script = """
        import signal, sys
        from python_buildpack.ports.interfaces import Command
        from python_buildpack.ports.commands import SubprocessRunner
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        runner = SubprocessRunner(lambda line: print(line, flush=True))
        runner.run(Command(("sh", "-c", "sleep 60 & echo $!; wait"), {"PATH": "/usr/bin:/bin"}))
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, env=environment
    ) as build:
        assert build.stdout is not None
        child = int(build.stdout.readline())
        build.send_signal(signal.SIGTERM)

        assert build.wait(10) == 143
    assert wait_until_gone(child)


def test_a_stop_at_any_moment_leaves_no_program() -> None:
    """Also while the program is being started: it is known by then, or it never comes to be."""
    script = """
        import os
        from python_buildpack.ports.interfaces import Command
        from python_buildpack.ports.commands import SubprocessRunner
        from random_stops import stopped

        run, env = SubprocessRunner().run, {"PATH": "/usr/bin:/bin"}
        sleep, true = Command(("sleep", "60"), env), Command(("true",), env)
        for number in stopped(lambda: run(sleep), lambda: run(true), 300):
            try:
                left = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                continue
            raise SystemExit(f"after stop {number}: {left}")
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    stopped = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert (stopped.returncode, stopped.stderr) == (0, "")


_WRITES = """
(setsid -w sh -c 'exec 3>/proc/'$$'/fd/1 && echo forged >&3'; touch ended) >/dev/null 2>&1 &
while [ ! -e ended ]; do sleep 0.02; done
rm ended
echo said
"""


def test_what_a_program_starts_cannot_write_into_a_private_output(tmp_path: Path) -> None:
    """Into any other it can, by /proc, although it was given another output."""
    command = replace(sh(_WRITES, show=False), cwd=tmp_path)
    assert SubprocessRunner().run(command).output == "forged\nsaid\n"
    assert SubprocessRunner().run(replace(command, is_private=True)).output == "said\n"


def test_a_private_output_is_shown_and_kept_like_any_other() -> None:
    """Line by line, and whole, with the status of the program."""
    said: list[str] = []
    runner = SubprocessRunner(said.append)
    finished = runner.run(replace(sh("echo one; echo two >&2; exit 3"), is_private=True))
    assert finished == Finished(3, "one\ntwo\n")
    assert said == ["one", "two"]


def test_programs_cannot_attach_to_the_process_that_started_them() -> None:
    """Its memory and its variables are closed to other programs of the same user (PR_SET_DUMPABLE(2const))."""
    script = """
        import ctypes, os
        from python_buildpack.ports.commands import SubprocessRunner
        from python_buildpack.ports.interfaces import Command

        SubprocessRunner().run(Command(("true",), {"PATH": os.defpath}))
        print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
    """
    argv = (sys.executable, "-c", textwrap.dedent(script))
    env = {**ENV, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert SubprocessRunner().run(Command(argv, env, show=False)) == Finished(0, "0\n")


def test_a_program_that_uses_more_memory_than_it_may_is_killed() -> None:
    """The program itself: what it starts may use more, and one without a limit may use any."""
    script = (
        "import sys, time; kept = bytearray(1 << 27); kept[::4096] = b'x' * (1 << 15); time.sleep(float(sys.argv[1]))"
    )
    grown = (sys.executable, "-c", script)
    runner = SubprocessRunner()
    killed = runner.run(Command((*grown, "20"), ENV, show=False, memory=1 << 26))
    assert (killed.status, killed.is_too_large, killed.timed_out) == (-9, True, False)
    below = Command(("sh", "-c", '"$@"; exit 0', "sh", *grown, "0.3"), ENV, show=False, memory=1 << 26)
    assert runner.run(below) == Finished(0, "")
    assert runner.run(Command((*grown, "0.3"), ENV, show=False)) == Finished(0, "")
