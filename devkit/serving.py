"""What is wanted of a started app, and how it is held to that: its answer over HTTP, or a line in its log."""

import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from devkit.errors import DevkitError
from devkit.free_port import find_free_port

EXPECTATION = "expect.toml"
SHOWN = 2_000
"""Bytes of an answer or a log that are shown."""


class Answer(Protocol):
    """An HTTP answer, whichever platform the app runs on."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def body(self) -> bytes:
        """The content."""


class App(Protocol):
    """A started app, whichever platform it runs on."""

    def ask(self, path: str, timeout: float) -> Answer | None:
        """Return its answer to a GET, or None if none came in time. Raises DevkitError if it ended."""

    def log(self) -> str:
        """Return what it printed so far."""

    def is_running(self) -> bool:
        """Say whether it has not ended."""

    def stop(self) -> int:
        """End it as platforms do, and return its exit status."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do with the app once it is built."""

    port: int
    timeout: float
    serve: bool = False
    path: str = "/"
    status: int | None = None
    body: str = ""
    log: str = ""
    """A line to wait for, of an app that listens on no port."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the container."""

    @classmethod
    def read(cls, app: Path, *, serve: bool, port: int, timeout: float) -> "Wish":
        """Return what the app's expect.toml says; without one, any answer will do. Raises DevkitError."""
        file = app / EXPECTATION
        try:
            expected = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            return cls(port=port or find_free_port(), timeout=timeout, serve=serve, **expected)
        except (tomllib.TOMLDecodeError, TypeError) as error:
            raise DevkitError(f"{file} is not an expectation: {error}") from error


def hold_to(app: App, wish: Wish) -> int:
    """Ask the app what the wish wants to know, show it, and stop the app. Returns 0 if it did what was wanted."""
    begin = time.monotonic()
    try:
        fulfilled = _wait_for_line(app, wish) if wish.log else _ask(app, wish, begin)
        print(f"\n--- log of the app\n{app.log()[-SHOWN:].rstrip()}\n---")
        if wish.serve:
            _serve(app, wish.port)
    finally:
        status = app.stop()
    print(f"stopped with status {status}")
    return 0 if fulfilled else 1


def _ask(app: App, wish: Wish, begin: float) -> bool:
    answer = app.ask(wish.path, wish.timeout)
    if answer is None:
        print(f"\nNothing answered on port {wish.port} within {wish.timeout:g} s, but the app is running: a worker?")
        return wish.status is None
    print(f"\nHTTP {answer.status} from {wish.path} after {time.monotonic() - begin:.2f} s")
    body = answer.body.decode(errors="replace")
    print(body[:SHOWN].rstrip())
    if wish.status is None:
        return answer.status < 500  # noqa: PLR2004 - the server's own fault begins here
    if answer.status != wish.status or wish.body not in body:
        print(f"but {EXPECTATION} wants status {wish.status} and: {wish.body}")
        return False
    return True


def _wait_for_line(app: App, wish: Wish) -> bool:
    return _wait(lambda: wish.log in app.log(), app, wish.timeout)


def _wait(condition: Callable[[], bool], app: App, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline or not app.is_running():
            return condition()
        time.sleep(0.05)
    return True


def _serve(app: App, port: int) -> None:
    print(f"serving on http://127.0.0.1:{port} until Ctrl-C", flush=True)
    try:
        while app.is_running():
            time.sleep(0.2)
    except KeyboardInterrupt:
        print()
