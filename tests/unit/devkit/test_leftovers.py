"""Processes of a build are found by a variable in their environment, and are ended with all their threads."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from devkit.lifecycle.leftovers import end_leftovers, processes_with

_PROGRAM = """
import ctypes, threading, time
threading.Thread(target=lambda: (print("runs", flush=True), time.sleep(60)), daemon=True).start()
time.sleep(0.05)
ctypes.CDLL(None).syscall({exit}, 0)
"""
_EXIT = {"x86_64": 60, "aarch64": 93}
"""The call of Linux that ends one thread."""


def test_a_process_whose_first_thread_has_ended_is_found() -> None:
    """The kernel forgets the environment of the first thread with it, while another one still writes files."""
    variable = f"TERRARIUM_TEST={os.getpid()}"
    program = _PROGRAM.format(exit=_EXIT[os.uname().machine])
    argv = [sys.executable, "-c", program]
    name, _, value = variable.partition("=")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env={name: value}) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"runs\n"
        while "State:\tZ" not in Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"):
            pass
        assert processes_with(variable) == [process.pid]
        assert end_leftovers(variable)
        assert process.wait() == -signal.SIGKILL
    assert processes_with(variable) == []
