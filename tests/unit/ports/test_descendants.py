"""What programs leave running is ended, wherever it has gone."""

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command

ENV = {"PATH": os.defpath}
DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3):
            os.close(number)
        open(sys.argv[1] + ".new", "w").write(str(os.getpid()))
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        signals = __import__("signal")
        signals.signal(signals.SIGTERM, signals.SIG_IGN)
        while True:
            signals.pause()
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]):
    pass
"""


def test_a_daemon_does_not_outlive_the_step_that_started_it(tmp_path: Path) -> None:
    """It has a session of its own, no open output, ignores SIGTERM, and is nobody's child."""
    started = tmp_path / "daemon"
    finished = SubprocessRunner().run(Command((sys.executable, "-c", DAEMON, str(started)), ENV))
    assert finished.status == 0
    assert not Path("/proc", started.read_text(encoding="utf-8")).exists()


def test_what_the_process_started_otherwise_goes_on() -> None:
    """A child from before the first program is no orphan of a program."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        SubprocessRunner().run(Command(("true",), ENV))
        assert other.poll() is None
        other.kill()


def test_a_program_that_ends_does_not_end_one_that_begins() -> None:
    """Several are started and end at the same time, in threads: each ends with its own status."""
    statuses: list[int] = []

    def run() -> None:
        command = Command(("sh", "-c", "true & exit 7"), ENV)
        statuses.extend(SubprocessRunner().run(command).status for _ in range(20))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [7] * 80


def test_no_zombies_are_left() -> None:
    """What was given to the buildpack as to a parent, and has ended, is reaped."""
    script = """
        import os
        from python_buildpack.ports.interfaces import Command
        from python_buildpack.ports.commands import SubprocessRunner
        SubprocessRunner().run(Command(("sh", "-c", "(setsid true &) ; sleep 0.2"), {"PATH": os.defpath}))
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            raise SystemExit(0)
        raise SystemExit("a child is left")
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, check=True)
