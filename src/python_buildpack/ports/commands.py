"""The port that runs programs: their output line by line, merged, and nothing of theirs left running afterwards."""

import os
import select
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from python_buildpack.ports import descendants
from python_buildpack.ports.condensed import Condensed
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.ports.memory import Memory
from python_buildpack.support.stopping import DeferredStop

MISSING_PROGRAM = 127
NOT_EXECUTABLE = 126
"""What a shell returns in these two cases."""

_CHUNK = 1 << 16
_POLL_SECONDS = 0.2
_LAST_READS = 32
"""A pipe holds no more than these after the program has ended; the rest is written by others."""
_KEPT = 8 << 20
"""Bytes at the end of an output that are kept at least: a program may print without end."""
_LONGEST = 1 << 20
"""Bytes after which a line is passed on although it has no end."""
_GRACE_SECONDS = 5.0
"""How long a program may take to end after SIGTERM, before it is killed."""


def _silent(line: str) -> None:
    del line


class _Whole:
    """Shows every line of an output, or none."""

    def __init__(self, report: Callable[[str], None] | None) -> None:
        self._report = report

    def feed(self, line: str) -> bool:
        """Take a line, and return whether it was shown."""
        if self._report is not None:
            self._report(line)
        return self._report is not None

    def finish(self) -> None:
        """Do nothing: every line was shown."""


class SubprocessRunner:
    """Implements interfaces.CommandRunner on ``subprocess``.

    Each program leads a process group of its own. When ``run`` is left by an exception (SIGTERM raises one,
    see ``stopping``), or when the program ends and leaves others behind that hold its output open, the group is ended.
    When the last program that runs has ended, all that it left behind is ended, in whichever group: ``descendants``.
    """

    def __init__(
        self, report: Callable[[str], None] = _silent, every: float = 10.0, *, is_condensed: bool = False
    ) -> None:
        """Take ``report``, which is called with each line that a command with ``show`` prints.

        It also gets a line whenever a command has shown nothing for ``every`` seconds: some platforms end a build
        whose log stands still. ``is_condensed`` shortens what installers print, those with ``is_private``.
        """
        self._report = report
        self._every = every
        self._is_condensed = is_condensed

    def run(self, command: Command) -> Finished:
        """Run ``command`` to its end. Raises OSError only where the working directory is not there; ProgramsLeft."""
        lines = _Lines(self._shown(command))
        # Between the fork and the assignment nobody knows the process, so nobody could end it.
        with DeferredStop() as stop:
            try:
                process = descendants.start(lambda: _start(command))
            except OSError as error:
                if command.cwd is not None and not command.cwd.is_dir():
                    raise
                lines.feed(f"{command.argv[0]}: {error.strerror}\n".encode())
                missing = isinstance(error, FileNotFoundError)
                return Finished(MISSING_PROGRAM if missing else NOT_EXECUTABLE, lines.finish())
            try:
                with stop.allowed():
                    memory = Memory(process.pid, command.memory)
                    watch = _Watch(command, self._every, self._report, memory)
                    in_time = _pump(process, lines, watch)
            except BaseException:
                _end_group(process)
                raise
            finally:
                if process.stdout is not None:
                    process.stdout.close()
                descendants.ended(process)
        return Finished(process.wait(), lines.finish(), timed_out=not in_time, is_too_large=memory.is_exceeded)

    def _shown(self, command: Command) -> "_Whole | Condensed":
        if not command.show:
            return _Whole(None)
        return Condensed(self._report) if command.is_private and self._is_condensed else _Whole(self._report)


def _start(command: Command) -> subprocess.Popen[bytes]:
    if not command.is_private:
        return _popen(command, subprocess.PIPE)
    import socket  # noqa: PLC0415 - many builds with nothing changed run no installer

    # A socket cannot be opened by /proc/<pid>/fd (proc_pid_fd(5)), as a pipe can.
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = _popen(command, theirs.fileno())
        process.stdout = os.fdopen(ours.detach(), "rb", 0)
    return process


def _popen(command: Command, output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.argv,
        env=command.env,
        cwd=command.cwd,
        # A question would wait for ever: nobody is there to answer it.
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
    )


def _pump(process: subprocess.Popen[bytes], lines: "_Lines", watch: "_Watch") -> bool:
    """Pass the output on until the program ends, even if other processes still have its output open.

    Returns False, with the program ended, if it took longer than it may.
    """
    if process.stdout is None:
        return True
    descriptor = process.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        reads = _LAST_READS
        while reads > 0:
            ready = bool(selector.select(_POLL_SECONDS))
            chunk = os.read(descriptor, _CHUNK) if ready else None
            if chunk == b"":
                break
            if chunk and lines.feed(chunk):
                watch.hear()
            if watch.is_over():
                _end_group(process)
                return False
            if process.poll() is not None:
                # It is done, yet the pipe is open: a child that it left in the background. What was written before
                # the end is still in the pipe and comes without a pause.
                reads = reads - 1 if ready else 0
        else:
            _signal_group(process, signal.SIGKILL)
    return _wait(process, watch)


def _wait(process: subprocess.Popen[bytes], watch: "_Watch") -> bool:
    """Wait for a program that has closed its output, and may go on; False if it took longer than it may."""
    while watch.is_limited and process.poll() is None:
        # Not time.sleep, which depends on a clock that may be set.
        select.select((), (), (), _POLL_SECONDS / 20)
        if watch.is_over():
            _end_group(process)
            return False
    process.wait()
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class _Watch:
    """Knows how long a program runs. By the monotonic clock: the other one may be set back."""

    def __init__(self, command: Command, every: float, report: Callable[[str], None], memory: "Memory") -> None:
        self._seconds = command.seconds
        self._is_cancelled = command.is_cancelled
        self._memory = memory
        self._every = every
        self._report = report
        self._began = time.monotonic()
        self._last_line = self._began

    @property
    def is_limited(self) -> bool:
        """Whether the program may be ended before it ends itself."""
        return self._seconds is not None or self._is_cancelled is not None

    def hear(self) -> None:
        """Note that the program has printed something, which the log shows."""
        self._last_line = time.monotonic()

    def is_over(self) -> bool:
        """Return whether the program has to end: its time is over, or it is cancelled. Print after a silence."""
        now = time.monotonic()
        elapsed = now - self._began
        self._memory.limit()
        if now - self._last_line >= self._every:
            self._last_line = now
            self._report(f"(still running, after {_duration(elapsed)})")
        if self._is_cancelled is not None and self._is_cancelled():
            return True
        return self._seconds is not None and elapsed >= self._seconds


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class _Lines:
    """Cuts a stream of bytes into lines, and keeps the whole, or the end of many megabytes."""

    def __init__(self, shown: "_Whole | Condensed") -> None:
        self._shown = shown
        self._all = bytearray()
        self._open = bytearray()

    def feed(self, chunk: bytes) -> bool:
        """Take bytes, and return whether a line was shown."""
        self._all += chunk
        if len(self._all) > 2 * _KEPT:
            # From the beginning of a line on: half of a secret would not be recognised.
            del self._all[: self._all.find(b"\n", len(self._all) - _KEPT) + 1 or len(self._all) - _KEPT]
        self._open += chunk
        if b"\n" not in chunk:
            if len(self._open) <= _LONGEST:
                return False
            is_shown = self._say(self._open)
            self._open = bytearray()
            return is_shown
        *complete, rest = self._open.split(b"\n")
        self._open = bytearray(rest)
        shown = [self._say(line) for line in complete]
        return any(shown)

    def finish(self) -> str:
        """Say the last line if it has no end, and return everything."""
        if self._open:
            self._say(self._open)
            self._open = bytearray()
        self._shown.finish()
        return self._all.decode(errors="replace")

    def _say(self, line: bytearray) -> bool:
        # Of a line that was written over (a progress bar), the last state is what a terminal would show.
        return self._shown.feed(line.decode(errors="replace").rstrip("\r").rpartition("\r")[2])
