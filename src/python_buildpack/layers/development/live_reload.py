"""Runs a command, and runs it anew whenever a source file below the working directory changes.

This is a program of its own: it is copied into images for development, and the app's Python runs it there, in a
virtual environment that has watchfiles. So it has to work on Python 3.9 and newer. The command itself runs in the
app's environment.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

SUFFIXES = (".py", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".env", ".mo")
"""Files whose changes need a restart. None that apps write while they run: that would restart them for ever."""
PASSED_OVER = {"__pycache__", "node_modules", "site-packages", "venv"}
SECONDS_TO_END = 8.0
"""Less than the ten seconds that ``docker stop`` waits."""


def is_source(change: object, path: str) -> bool:
    """Say whether a change of this file needs a restart."""
    del change
    folders = Path(os.path.relpath(path)).parent.parts
    hidden = any(folder.startswith(".") or folder in PASSED_OVER for folder in folders)
    return path.endswith(SUFFIXES) and not hidden


def say(text: str) -> None:
    """Write a line to the log."""
    sys.stderr.write("live reload: " + text + "\n")
    sys.stderr.flush()


def start(command: "list[str]") -> "subprocess.Popen[bytes]":
    """Start the command in a process group of its own, so that all of it can be ended."""
    # Without bytecode: Python would not see that a file is changed twice within a second.
    # Granian, ended while its workers start, kills them only after this time; the image's own value is for production.
    environment = {"PYTHONDONTWRITEBYTECODE": "1", **os.environ, "GRANIAN_WORKERS_KILL_TIMEOUT": "3"}
    return subprocess.Popen(command, env=environment, start_new_session=True)


def end(server: "subprocess.Popen[bytes]") -> int:
    """End the server and all that it started, first by SIGTERM, and return its exit status as a shell does."""
    deadline = time.monotonic() + SECONDS_TO_END
    # SIGTERM goes to the server alone, as when a container is stopped. A server whose workers end without its request
    # takes that for a crash, and some (Granian) then end with an error.
    with contextlib.suppress(ProcessLookupError):
        server.terminate()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        say("the server did not end in time and is killed")
    else:
        # A shell ends at once, and leaves the programs that it started.
        signal_group(server, signal.SIGTERM)
        while signal_group(server, 0) and time.monotonic() < deadline:
            time.sleep(0.02)
    # The rest of the group would keep the port open.
    signal_group(server, signal.SIGKILL)
    status = server.wait()
    return 128 - status if status < 0 else status


def signal_group(server: "subprocess.Popen[bytes]", number: int) -> bool:
    """Send a signal to the server's process group; say whether any process was left in it."""
    # This program is the container's first process, so it has to reap processes whose parents have ended.
    if server.returncode is not None:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-server.pid, os.WNOHANG)[0]:
                pass
    try:
        os.killpg(server.pid, number)
    except ProcessLookupError:
        return False
    return True


def serve(command: "list[str]", watch: Any) -> int:  # noqa: ANN401 - watchfiles.watch, which is not installed here
    """Run the command until this program is asked to end; return the command's last exit status."""
    stop = threading.Event()

    def stop_on(number: int, frame: "FrameType | None") -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_on)
    server, is_reported = start(command), False
    options = {"debounce": 400, "rust_timeout": 500, "yield_on_timeout": True, "raise_interrupt": False}
    for changes in watch(Path.cwd(), watch_filter=is_source, stop_event=stop, **options):
        if changes:
            say(os.path.relpath(min(path for _, path in changes)) + " changed, so the server is restarted")
            end(server)
            server, is_reported = start(command), False
        elif server.poll() is not None and not is_reported:
            say("the server ended with status " + str(server.returncode) + "; it is started again when a file changes")
            is_reported = True
    return end(server)


def main() -> None:
    """Run the command in ``sys.argv``, and again after each change."""
    from watchfiles import watch  # type: ignore[import-not-found]  # noqa: PLC0415 - only images have it

    try:
        sys.exit(serve(sys.argv[1:], watch))
    except OSError as problem:
        say(sys.argv[1] + " cannot be started: " + str(problem))
        sys.exit(127)


if __name__ == "__main__":
    main()
