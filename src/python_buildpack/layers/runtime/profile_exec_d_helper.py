"""Sources the app's .profile in bash, and passes on the variables that it sets. Runs as an exec.d program.

This is a program of its own: it is in the image only if the app has a .profile. The app's Python, 3.9 or newer, runs it
with ``-I -S`` in the app's directory. Processes themselves start without a shell, as without a .profile, so that they
get signals. If the run image has no bash, .profile is not read.
"""

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

PROFILE = ".profile"
SECONDS = 60.0
"""Heroku's limit until a web process listens: a .profile that takes longer does not work there either."""
OF_BASH = {"_", "SHLVL", "PWD", "OLDPWD"}
ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\"}
ESCAPES.update({code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)})


def script(descriptor: int) -> str:
    """Return the script for bash. It closes the descriptor for .profile, whose background jobs could keep it open."""
    return f'. ./{PROFILE} >&2 {descriptor}>&-; exec "$@"'


def fail(text: str) -> NoReturn:
    """Exit with a message; the launcher then ends the container."""
    sys.exit(f"{PROFILE}: {text}")


def sourced(bash: str, seconds: float) -> "dict[bytes, bytes]":
    """Return the environment after .profile has run. Exits if it fails, or takes longer than ``seconds``."""
    reader, writer = os.pipe()
    # Not env(1): an image may have bash and no other programs.
    dump = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(writer)]
    shell = subprocess.Popen(
        [bash, "-c", script(writer), bash, *dump], stdin=subprocess.DEVNULL, pass_fds=(writer,), start_new_session=True
    )
    os.close(writer)
    try:
        said = read_all(reader, shell, seconds)
        status = shell.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, 9)
        fail(f"did not end within {seconds:g} seconds")
    if status != 0 or not said.endswith(b"\0"):
        fail(f"ended the shell with status {status}; without it, the process is not started")
    return dict(item.split(b"=", 1) for item in said.split(b"\0") if b"=" in item)


def read_all(descriptor: int, shell: "subprocess.Popen[bytes]", seconds: float) -> bytes:
    """Return all that is written to the descriptor. Raises TimeoutExpired."""
    said, end = b"", time.monotonic() + seconds
    while select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
        block = os.read(descriptor, 1 << 16)
        if not block:
            return said
        said += block
    raise subprocess.TimeoutExpired(shell.args, seconds)


def quoted(text: bytes) -> str:
    """Return a TOML string. Raises UnicodeDecodeError for what is not UTF-8."""
    return '"' + text.decode().translate(ESCAPES) + '"'


def document(before: "dict[bytes, bytes]", after: "dict[bytes, bytes]") -> str:
    """Return the TOML that sets the changed variables; write to the log what cannot be passed on."""
    lines = []
    for name, value in after.items():
        if before.get(name) == value or is_of_bash(name):
            continue
        try:
            lines.append(f"{quoted(name)} = {quoted(value)}\n")
        except UnicodeDecodeError:
            say(f"the value of {os.fsdecode(name)!r} is not UTF-8, so the variable is left out")
    for name in sorted(before.keys() - after.keys()):
        if not is_of_bash(name):
            say(f"unset {os.fsdecode(name)} has no effect: a variable can be made empty, but not removed")
    return "".join(lines)


def is_of_bash(name: bytes) -> bool:
    """Say whether a variable is bash's own, or an exported function: no process needs it."""
    return os.fsdecode(name) in OF_BASH or name.startswith(b"BASH_FUNC_")


def say(text: str) -> None:
    """Write a line to the container's log."""
    sys.stderr.write(f"{PROFILE}: {text}\n")


def main(seconds: float = SECONDS) -> None:
    """Write the variables to file descriptor 3. Started by bash, write the environment to the given descriptor."""
    if sys.argv[1:]:
        with os.fdopen(int(sys.argv[1]), "wb") as file:
            file.write(b"".join(name + b"=" + value + b"\0" for name, value in os.environb.items()))
        return
    if not Path(PROFILE).is_file():
        return
    bash = shutil.which("bash")
    if bash is None:
        say("is not read, because the run image has no bash")
        return
    text = document(dict(os.environb), sourced(bash, seconds))
    with os.fdopen(3, "wb") as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
