"""A stop that nobody may lose."""

import os
import subprocess
import sys
import textwrap


def test_a_stop_that_was_swallowed_comes_again() -> None:
    """Libraries and CPython's own compiler drop exceptions; the next program that a build would run is not run."""
    script = """
        import signal
        from python_buildpack.ports.interfaces import Command
        from python_buildpack.ports.commands import SubprocessRunner
        from python_buildpack.support.stopping import stop

        signal.signal(signal.SIGTERM, stop)
        try:
            signal.raise_signal(signal.SIGTERM)
        except SystemExit:
            print("swallowed", flush=True)
        SubprocessRunner(print).run(Command(("echo", "goes on"), {"PATH": "/usr/bin:/bin"}))
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-c", textwrap.dedent(script)]
    ended = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (143, "swallowed\n", "")


def test_a_second_stop_does_not_break_off_what_the_first_began() -> None:
    """SIGTERM that is sent again, as impatient platforms do, finds the build tidying up already."""
    script = """
        import signal
        from python_buildpack.support.stopping import stop

        signal.signal(signal.SIGTERM, stop)
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            print("cleaned up")
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-c", textwrap.dedent(script)]
    ended = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (143, "cleaned up\n", "")
