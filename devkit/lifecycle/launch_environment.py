"""The environment of a launched process: what the layers of an image, and their exec.d programs, make of it."""

import math
import os
import select
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from devkit.lifecycle import environment, steps
from devkit.lifecycle.problems import LaunchFailed, Violation

EXEC_D_FD = 3
GRACE = 1.0
"""Seconds for fd 3 to be closed after an exec.d program has ended. The real launcher would wait for ever."""


@dataclass(frozen=True, slots=True)
class LaunchSite:
    """Where a process is launched: the app, the folders of the buildpacks' layers in order, and who runs it."""

    app: Path
    folders: tuple[Path, ...]
    user: steps.User | None
    log: BinaryIO


def from_layers(base: Mapping[str, str], folders: tuple[Path, ...], process_type: str) -> dict[str, str]:
    """Return ``base`` changed by every launch layer below ``folders``.

    Buildpack by buildpack: first the ``bin`` and ``lib`` of all its layers, then the env files of each, by name. Raises
    LaunchFailed for a layer that the launcher cannot read.
    """
    env = environment.launch_base(base)
    try:
        for folder in folders:
            layers = list(_layers(folder))
            for layer in layers:
                env = environment.with_layer_roots(env, layer, environment.LAUNCH_ROOTS)
            for layer in layers:
                for directory in _env_directories(layer, process_type):
                    env = environment.with_env_files(env, directory)
    except (Violation, OSError) as problem:
        raise LaunchFailed(f"the environment cannot be made: {problem}") from problem
    return env


def from_exec_d(env: Mapping[str, str], site: LaunchSite, process_type: str) -> dict[str, str]:
    """Return ``env`` with what the exec.d programs say on fd 3, each seeing what those before it said.

    Raises LaunchFailed if one cannot be run, ends with another status than 0, or does not say TOML with only strings.
    """
    result = dict(env)
    for folder in site.folders:
        for layer in _layers(folder):
            for program in _exec_d_programs(layer, process_type):
                result |= _run_exec_d(program, result, site)
    return result


def _layers(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                yield path


def _env_directories(layer: Path, process_type: str) -> Iterator[Path]:
    yield layer / "env"
    yield layer / "env.launch"
    if process_type:
        yield layer / "env.launch" / process_type


def _exec_d_programs(layer: Path, process_type: str) -> Iterator[Path]:
    folders = [layer / "exec.d", *([layer / "exec.d" / process_type] if process_type else [])]
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise LaunchFailed(f"{folder} is a file; layers have a directory of that name, or nothing")
        if folder.is_dir():
            yield from (path for path in sorted(folder.iterdir()) if not path.is_dir())


def _run_exec_d(program: Path, env: Mapping[str, str], site: LaunchSite) -> dict[str, str]:
    # From here on fd 3 is open in this process, whatever it is, as Popen needs it to be to pass it on.
    reader, writer = os.pipe()

    def put_pipe_on_fd_3() -> None:
        os.dup2(writer, EXEC_D_FD)

    try:
        process = subprocess.Popen(
            [str(program)],
            env=dict(env),
            cwd=site.app,
            stdin=subprocess.DEVNULL,
            stdout=site.log,
            stderr=site.log,
            pass_fds=(EXEC_D_FD,),
            preexec_fn=put_pipe_on_fd_3,  # noqa: PLW1509 - nothing else in subprocess puts a pipe on a certain number
            start_new_session=True,
            **steps.as_user(site.user),  # type: ignore[call-overload]  # the keywords depend on the user
        )
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        os.close(reader)
        raise LaunchFailed(f"{program} cannot be run: {problem}") from problem
    finally:
        os.close(writer)
    try:
        said = _read_to_end(reader, process)
        status = process.wait()
    finally:
        steps.kill_group(process.pid)
        process.wait()
        os.close(reader)
    if status != 0:
        raise LaunchFailed(f"{program} ended with status {status}")
    return _parse(said, program)


def _read_to_end(reader: int, process: subprocess.Popen[bytes]) -> bytes:
    said, deadline = b"", math.inf
    while time.monotonic() < deadline:
        if process.poll() is not None:
            deadline = min(deadline, time.monotonic() + GRACE)
        if select.select([reader], [], [], 0.05)[0]:
            block = os.read(reader, 1 << 16)
            if not block:
                return said
            said += block
    raise LaunchFailed(f"{process.args!r} left something running with fd {EXEC_D_FD} open, which hangs the start")


def _parse(said: bytes, program: Path) -> dict[str, str]:
    try:
        document = tomllib.loads(said.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise LaunchFailed(f"{program} wrote something else than TOML to fd {EXEC_D_FD}: {problem}") from problem
    if strange := sorted(name for name, value in document.items() if not isinstance(value, str)):
        raise LaunchFailed(f"{program}: {', '.join(strange)} must be a string")
    return document
