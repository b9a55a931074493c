"""How live reload ends a server, with real processes: the server first, then what it left."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from python_buildpack.layers.development import live_reload

SERVER = """
import os, signal, sys, time
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
worker = os.fork()
if not worker:
    open("ready", "w").close()
    while not asked: time.sleep(0.01)
    open("worker asked", "w").close()
    os._exit(0)
while not asked: time.sleep(0.01)
time.sleep(0.3)
early = os.path.exists("worker asked")
os.kill(worker, signal.SIGTERM)
os.waitpid(worker, 0)
sys.exit(1 if early else 0)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open("ready", "w").close()
time.sleep(60)
"""
GENTLE = """
import signal, sys, time
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
open("ready", "w").close()
while not asked: time.sleep(0.01)
time.sleep(0.2)
open("cleaned", "w").close()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started(folder: Path, *command: str) -> "subprocess.Popen[bytes]":
    """Start a server, and return it once it is ready."""
    server = live_reload.start(list(command))
    deadline = time.monotonic() + 20
    while not (folder / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return server


def test_only_the_server_itself_is_told_to_end(folder: Path) -> None:
    """Some servers take a worker for crashed if it ends before they asked it to."""
    assert live_reload.end(started(folder, sys.executable, "-c", SERVER)) == 0
    assert (folder / "worker asked").exists()


def test_what_a_shell_leaves_behind_is_told_too(folder: Path) -> None:
    """The shell ends at once; the server that it started still gets its time."""
    (folder / "gentle.py").write_text(GENTLE, encoding="utf-8")
    shell = started(folder, "sh", "-c", f"{sys.executable} gentle.py; true")
    live_reload.end(shell)
    assert (folder / "cleaned").exists()
    assert not live_reload.signal_group(shell, 0)


@pytest.mark.parametrize("wrapped", [False, True])
def test_what_does_not_end_is_killed(folder: Path, wrapped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, by itself or behind a shell: nothing is left that could keep the port."""
    monkeypatch.setattr(live_reload, "SECONDS_TO_END", 0.5)
    (folder / "stubborn.py").write_text(STUBBORN, encoding="utf-8")
    command = (sys.executable, "stubborn.py")
    server = started(folder, *(("sh", "-c", " ".join(command) + "; true") if wrapped else command))
    begun = time.monotonic()
    live_reload.end(server)
    assert 0.4 < time.monotonic() - begun < 10
    deadline = time.monotonic() + 5
    while live_reload.signal_group(server, 0):
        assert time.monotonic() < deadline
        time.sleep(0.01)
