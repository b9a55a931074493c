"""Processes of a build are found when their build is gone, and are ended with all their threads."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from devkit.lifecycle.leftovers import end_leftovers, processes_of

_PROGRAM = """
import ctypes, threading, time
threading.Thread(target=lambda: (print("runs", flush=True), time.sleep(60)), daemon=True).start()
time.sleep(0.05)
ctypes.CDLL(None).syscall({exit}, 0)
"""
_EXIT = {"x86_64": 60, "aarch64": 93}
"""The call of Linux that ends one thread."""


def test_a_process_whose_first_thread_has_ended_is_found(tmp_path: Path) -> None:
    """The kernel forgets the environment of the first thread with it, while another one still writes files."""
    program = _PROGRAM.format(exit=_EXIT[os.uname().machine])
    env = {"CNB_PLATFORM_DIR": str(tmp_path / "platform")}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"runs\n"
        while "State:\tZ" not in Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"):
            pass
        assert processes_of(tmp_path / "other") == []
        assert processes_of(tmp_path) == [process.pid]
        assert end_leftovers(tmp_path)
        assert process.wait() == -signal.SIGKILL
    assert processes_of(tmp_path) == []


def test_a_program_of_a_layer_is_found_without_a_variable(tmp_path: Path) -> None:
    """The compiler of bytecode gets a small environment, and goes on when bin/build was killed."""
    program = tmp_path / "layers" / "python" / "sleep"
    program.parent.mkdir(parents=True)
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"], env={}) as process:
        assert processes_of(tmp_path) == [process.pid]
        assert end_leftovers(tmp_path)
        assert process.wait() == -signal.SIGKILL
