"""The port that runs programs: their output line by line, merged, and nothing of theirs left running afterwards."""

import os
import selectors
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress

from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.support.stopping import DeferredStop

MISSING_PROGRAM = 127
NOT_EXECUTABLE = 126
"""What a shell returns in these two cases."""

_CHUNK = 1 << 16
_POLL_SECONDS = 0.2
_LAST_READS = 32
"""A pipe holds no more than these after the program has ended; the rest is written by others."""
_GRACE_SECONDS = 5.0
"""How long a program may take to end after SIGTERM, before it is killed."""


def _silent(line: str) -> None:
    del line


class SubprocessRunner:
    """Implements interfaces.CommandRunner on ``subprocess``.

    Each program leads a process group of its own. When ``run`` is left by an exception (SIGTERM raises one,
    see ``stopping``), or when the program ends and leaves others behind that hold its output open, the group is ended.
    """

    def __init__(self, report: Callable[[str], None] = _silent) -> None:
        """Take ``report``, which is called with each line that a command with ``show`` prints."""
        self._report = report

    def run(self, command: Command) -> Finished:
        """Run ``command`` to its end. Raises OSError only where the working directory is not there."""
        lines = _Lines(self._report if command.show else _silent)
        # Between the fork and the assignment nobody knows the process, so nobody could end it.
        with DeferredStop() as stop:
            try:
                process = _start(command)
            except OSError as error:
                if command.cwd is not None and not command.cwd.is_dir():
                    raise
                lines.feed(f"{command.argv[0]}: {error.strerror}\n".encode())
                missing = isinstance(error, FileNotFoundError)
                return Finished(MISSING_PROGRAM if missing else NOT_EXECUTABLE, lines.finish())
            try:
                with stop.allowed():
                    _pump(process, lines)
            except BaseException:
                _end_group(process)
                raise
            finally:
                if process.stdout is not None:
                    process.stdout.close()
        return Finished(process.wait(), lines.finish())


def _start(command: Command) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.argv,
        env=command.env,
        cwd=command.cwd,
        # A question would wait for ever: nobody is there to answer it.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
    )


def _pump(process: subprocess.Popen[bytes], lines: "_Lines") -> None:
    """Pass the output on until the program ends, even if other processes still have its output open."""
    if process.stdout is None:
        return
    descriptor = process.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        reads = _LAST_READS
        while reads > 0:
            ready = bool(selector.select(_POLL_SECONDS))
            chunk = os.read(descriptor, _CHUNK) if ready else None
            if chunk == b"":
                break
            lines.feed(chunk or b"")
            if process.poll() is not None:
                # It is done, yet the pipe is open: a child that it left in the background. What was written before
                # the end is still in the pipe and comes without a pause.
                reads = reads - 1 if ready else 0
        else:
            _signal_group(process, signal.SIGKILL)
    process.wait()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class _Lines:
    """Cuts a stream of bytes into lines, and keeps the whole."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._all = bytearray()
        self._open = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._all += chunk
        self._open += chunk
        if b"\n" not in chunk:
            return
        *complete, rest = self._open.split(b"\n")
        self._open = bytearray(rest)
        for line in complete:
            self._say(line)

    def finish(self) -> str:
        """Say the last line if it has no end, and return everything."""
        if self._open:
            self._say(self._open)
            self._open = bytearray()
        return self._all.decode(errors="replace")

    def _say(self, line: bytearray) -> None:
        # Of a line that was written over (a progress bar), the last state is what a terminal would show.
        self._report(line.decode(errors="replace").rstrip("\r").rpartition("\r")[2])
