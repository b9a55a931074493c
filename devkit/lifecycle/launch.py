"""Launching a process of an image, as the CNB launcher does at the start of a container (spec: Launch)."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.lifecycle import launch_environment, steps, trees
from devkit.lifecycle.launch_environment import LaunchSite
from devkit.lifecycle.problems import LaunchFailed
from devkit.lifecycle.records import ImageRecord, Process
from devkit.lifecycle.running import Running
from devkit.lifecycle.state import State
from devkit.lifecycle.steps import User

RUN_IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STRANGER = User(65_532, 65_532)
"""Who runs a read-only app when we are root, whom permissions do not stop."""


@dataclass(frozen=True, slots=True)
class Container:
    """The container that a process is launched in."""

    path: str = RUN_IMAGE_PATH
    """PATH of the run image."""
    user: User | None = None
    """Who runs the process, when that is not us; needs root."""
    read_only: bool = False
    """Whether the app and the layers can only be read, as they are when the run user is not the build user."""


def launch(
    state: Path,
    process_type: str | None = None,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    *,
    command: Sequence[str] = (),
    container: Container | None = None,
) -> Running:
    """Start a process of the image in ``state`` and return it at once.

    ``process_type`` is one of the image, by default its default; ``args`` replace the process's own. With ``command``
    that is run instead, in the environment that all processes have. ``env`` is what ``docker run -e`` gives. Raises
    LaunchFailed where a container would end before its process began, and StateBusy during a build.
    """
    container = container or Container()
    user = container.user or (STRANGER if container.read_only and os.getuid() == 0 else None)
    where = State(state.resolve())
    with contextlib.ExitStack() as held:
        image = held.enter_context(where.launching())
        if image is None:
            raise LaunchFailed(f"there is no image in {state}: nothing was built, or no build succeeded")
        process = _choose(image, process_type, args, command)
        if user is not None:
            _check_reachable(where.root, user)
        if container.read_only:
            for root in (where.workspace, where.layers):
                held.callback(trees.restore_modes, trees.make_read_only(root))
        base = _container_env(container.path, user) | dict(env or {})
        return _start(where, image, process, base, user, held)


def _choose(image: ImageRecord, process_type: str | None, args: Sequence[str], command: Sequence[str]) -> Process:
    if command:
        return Process("", (command[0],), (*command[1:], *args))
    wanted = process_type or image.default_process
    if not wanted:
        raise LaunchFailed("when there is no default process a command or a process type is required")
    for process in image.processes:
        if process.type == wanted:
            return Process(process.type, process.command, tuple(args) or process.args, working_dir=process.working_dir)
    known = ", ".join(process.type for process in image.processes) or "none"
    raise LaunchFailed(f"the image has no process of type {wanted}; it has {known}")


def _start(
    state: State,
    image: ImageRecord,
    process: Process,
    base: Mapping[str, str],
    user: User | None,
    held: contextlib.ExitStack,
) -> Running:
    folders = tuple(state.layers / record.id.replace("/", "_") for record in image.buildpacks)
    state.scratch.mkdir(exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="launch-", suffix=".log", dir=state.scratch)
    with open(descriptor, "wb") as log:  # noqa: PTH123 - a descriptor has no path
        site = LaunchSite(state.workspace, folders, user, log)
        try:
            env = launch_environment.from_layers(base, folders, process.type)
            env = launch_environment.from_exec_d(env, site, process.type)
            argv = (_find(process.command[0], env, state.workspace), *process.command[1:], *process.args)
            started = _spawn(argv, process, env, site)
        except LaunchFailed as problem:
            raise LaunchFailed(f"{problem}\n{Path(name).read_text(errors='replace')}".rstrip()) from problem
    return Running(started, argv, env, Path(name), held.pop_all().close)


def _find(program: str, env: Mapping[str, str], app: Path) -> str:
    if "/" in program:
        found = app / program
        if found.is_file() and os.access(found, os.X_OK):
            return str(found)
    elif path := shutil.which(program, path=env.get("PATH", "")):
        return path
    raise LaunchFailed(f"{program} is not an executable in PATH ({env.get('PATH', '')})")


def _spawn(
    argv: tuple[str, ...], process: Process, env: Mapping[str, str], site: LaunchSite
) -> subprocess.Popen[bytes]:
    directory = site.app / process.working_dir
    try:
        started: subprocess.Popen[bytes] = subprocess.Popen(
            (process.command[0], *argv[1:]),
            executable=argv[0],
            env=dict(env),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=site.log,
            stderr=site.log,
            start_new_session=True,
            **steps.as_user(site.user),  # type: ignore[call-overload]  # the keywords depend on the user
        )
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        raise LaunchFailed(f"{argv[0]} cannot be run in {directory}: {problem}") from problem
    return started


def _container_env(path: str, user: User | None) -> dict[str, str]:
    uid = os.getuid() if user is None else user.uid
    try:
        home = pwd.getpwuid(uid).pw_dir
    except KeyError:
        home = "/"  # what a container engine gives to a user without an entry
    return {"PATH": path, "HOME": home, "HOSTNAME": socket.gethostname()}


def _check_reachable(root: Path, user: User) -> None:
    for directory in (root, *root.parents):
        status = directory.stat()
        wanted = 0o100 if status.st_uid == user.uid else 0o010 if status.st_gid == user.gid else 0o001
        if not status.st_mode & wanted:
            raise LaunchFailed(f"uid {user.uid} cannot enter {directory}: keep the state in another place", 126)
