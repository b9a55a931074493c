"""A launched process: its log, its HTTP answers and its end."""

import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from devkit.lifecycle import steps
from devkit.lifecycle.problems import LifecycleError


class NoAnswer(LifecycleError):
    """The process ended, or the time was up, before it answered; the text ends with its log."""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer; the names of ``headers`` are in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Running:
    """A process started by ``launch``. It holds the state directory until ``terminate``; use it in a ``with``."""

    process: subprocess.Popen[bytes]
    argv: tuple[str, ...]
    """The program that was found, and its arguments."""
    environment: Mapping[str, str]
    """All that the process got."""
    log_file: Path
    release: Callable[[], None]

    @property
    def log(self) -> str:
        """What the process, and the exec.d programs before it, have printed so far."""
        return self.log_file.read_text(errors="replace")

    def wait_for_http(self, port: int, path: str = "/", timeout: float = 30.0) -> Response:
        """Return the first answer to a GET of ``path`` on the loopback, asking until there is one.

        Raises NoAnswer when the process ends before, or after ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise NoAnswer(f"the process ended with status {self.process.returncode}\n{self.log}")
            try:
                return _get(port, path, deadline - time.monotonic())
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise NoAnswer(f"nothing answered on port {port} within {timeout} seconds\n{self.log}")

    def wait(self, timeout: float = 30.0) -> int:
        """Wait until the process ends by itself and return its exit status (negative: the signal that ended it)."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired as problem:
            raise NoAnswer(f"the process did not end within {timeout} seconds\n{self.log}") from problem

    def terminate(self, timeout: float = 10.0) -> int:
        """End the process as ``docker stop`` does, and let go of the state directory.

        It gets SIGTERM, and SIGKILL if it is still there after ``timeout`` seconds. Returns the exit status; a process
        that has ended before keeps its own.
        """
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        steps.kill_group(self.process.pid)
        status = self.process.wait()
        self.release()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.terminate()


def _get(port: int, path: str, timeout: float) -> Response:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=max(timeout, 0.1))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, answer.read(), headers)
    finally:
        connection.close()
