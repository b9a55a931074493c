"""Runs a Python program under debugpy, which listens where the BPL_DEBUG_* variables say.

This is a program of its own: it is copied into images for development, and the app's Python runs it there. So it has
to work on Python 3.9 and newer. debugpy comes from the environment beside this file; the app can import nothing else
of that environment.
"""

import os
import shutil
import sys
from pathlib import Path

HOST = "127.0.0.1"
"""Reachable from inside the container only, by default: a debugger runs any code that it is sent."""
PORT = "5678"
TARGETS = ("-m", "-c")
HEAD_BYTES = 200


def setting(*names: str, default: str) -> str:
    """Return the first of these environment variables that is not empty."""
    return next((os.environ[name] for name in names if os.environ.get(name, "").strip()), default).strip()


def target(argv: "list[str]") -> "list[str]":
    """Return the program as debugpy takes it: scripts by their paths. Exits if it is not a Python program."""
    if not argv:
        sys.exit("debug: there is no program to run")
    if argv[0] in TARGETS or argv[0].endswith(".py"):
        return argv
    path = argv[0] if "/" in argv[0] else shutil.which(argv[0]) or argv[0]
    try:
        with Path(path).open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as problem:
        sys.exit("debug: " + argv[0] + " cannot be read: " + str(problem))
    if not head.startswith(b"#!") or b"python" not in head:
        sys.exit("debug: " + path + " is no Python program, so debugpy cannot run it")
    return [path, *argv[1:]]


def options() -> "list[str]":
    """Return debugpy's options, read from the environment variables. Exits if these are invalid."""
    port = setting("BPL_DEBUG_PORT", default=PORT)
    if not port.isdecimal():
        sys.exit("debug: BPL_DEBUG_PORT is " + repr(port) + ", which is no port number")
    address = setting("BPL_DEBUG_HOST", default=HOST) + ":" + port
    waits = setting("BPL_DEBUG_WAIT", "BPL_DEBUG_SUSPEND", default="").lower() in ("1", "true", "yes", "on")
    waiting = "; the program starts when a debugger is attached" if waits else ""
    sys.stderr.write("debug: debugpy listens on " + address + ". Not for production" + waiting + ".\n")
    sys.stderr.flush()
    return ["--listen", address] + (["--wait-for-client"] if waits else [])


def main() -> None:
    """Run the program in ``sys.argv`` under debugpy."""
    here = Path(__file__).resolve().parent
    packages = str(next(here.glob("venv/lib/python*/site-packages")))
    argv = ["debugpy", *options(), *target(sys.argv[1:])]
    # Python puts a script's own folder first. It is removed, since modules of the app may have the names of ours.
    sys.path[:] = [path for path in sys.path if path != str(here)]
    sys.path.insert(0, packages)
    from debugpy.server import cli  # type: ignore[import-not-found]  # noqa: PLC0415 - only images have it

    sys.path.remove(packages)
    sys.argv = argv
    cli.main()


if __name__ == "__main__":
    main()
