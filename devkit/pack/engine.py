"""The Docker engine: the one that runs, or else one that we start and may stop again."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from devkit.pack.cache import Cache
from devkit.pack.commands import PlatformUnavailable, run, run_step, tail
from devkit.pack.debian import install_missing
from devkit.pack.engine_disk import DEFAULT_ROOT, own_data_root

PACKAGES = {"docker": "docker.io", "dockerd": "docker.io", "iptables": "iptables"}
START_SECONDS = 60.0
"""A start takes 3 s on two cores; a machine that loads kernel modules first takes longer."""
GRACE_SECONDS = 5.0
"""It has written its process id long before that, or it never will."""
STOP_SECONDS = 30.0


CONTAINERD_PID = Path("/var/run/docker/containerd/containerd.pid")
"""Of the containerd that dockerd starts for itself."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A Docker engine that answers."""

    version: str
    started_by_us: int | None
    """The process id of the engine if ``ensure_engine`` started it, on this or an earlier day."""


def find_engine(cache: Cache) -> Engine | None:
    """Return the engine that the docker command reaches (DOCKER_HOST counts), or None."""
    finished = run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=20)
    if finished.status != 0:
        return None
    return Engine(finished.output.strip(), _our_process(cache))


def ensure_engine(cache: Cache) -> Engine:
    """Return an engine that answers, installing and starting one if there is none. Raises PlatformUnavailable."""
    with cache.locked("engine"):
        engine = find_engine(cache)
        if engine is not None:
            return engine
        if "DOCKER_HOST" in os.environ:
            raise PlatformUnavailable(
                "DOCKER_HOST is set, but no engine answers there.", "Start that engine, or unset DOCKER_HOST."
            )
        install_missing(PACKAGES)
        # Installing the package starts the engine where there is an init system.
        return find_engine(cache) or _start(cache)


def stop_engine(cache: Cache) -> bool:
    """Stop the engine if we started it, and say whether there was one. Raises PlatformUnavailable if it stays."""
    process = _our_process(cache)
    if process is None:
        return False
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _our_process(cache) is not None:
        if time.monotonic() > deadline:
            raise PlatformUnavailable(
                f"The engine (process {process}) did not stop within {STOP_SECONDS:.0f} s.", "Look at its log."
            )
        time.sleep(0.1)
    return True


def _start(cache: Cache) -> Engine:
    if os.geteuid() != 0:
        raise PlatformUnavailable(
            "No Docker engine answers, and only root can start one.",
            "Start Docker, or give this user access to its socket.",
        )
    log = cache.folder() / "dockerd.log"
    # Left by an engine that was killed: it would take whatever process has the number now for the one it means.
    for stale, name in ((_pid_file(cache), "dockerd"), (CONTAINERD_PID, "containerd")):
        if _process_in(stale, name) is None:
            stale.unlink(missing_ok=True)
    # In a session of its own it keeps running when the terminal or test run that started it ends.
    # Its programs write to the directory for temporary files as long as it runs; that of a test is removed.
    started = 'log=$1; shift; unset TMPDIR; exec "$@" >>"$log" 2>&1'
    detached = ["setsid", "--fork", "sh", "-c", started, "sh", str(log)]
    root = own_data_root(cache) or DEFAULT_ROOT
    options = ["--storage-driver=overlay2", "--pidfile", str(_pid_file(cache)), "--data-root", str(root)]
    run_step("Starting dockerd", [*detached, "dockerd", *options])
    begin = time.monotonic()
    while time.monotonic() < begin + START_SECONDS:
        time.sleep(0.2)
        engine = find_engine(cache)
        if engine is not None:
            return engine
        if time.monotonic() > begin + GRACE_SECONDS and _our_process(cache) is None:
            break
    raise PlatformUnavailable(
        f"dockerd did not come up. The end of {log}:\n{tail(log.read_text())}",
        "Repair what the log names, or start a Docker engine yourself.",
    )


def _pid_file(cache: Cache) -> Path:
    return cache.folder() / "dockerd.pid"


def _our_process(cache: Cache) -> int | None:
    return _process_in(_pid_file(cache), "dockerd")


def _process_in(pid_file: Path, program: str) -> int | None:
    """Return the process that a pid file names, if it still is that program and runs.

    Process ids are given out again, and a killed process keeps its own, as a zombie, where nobody asks how it ended.
    """
    try:
        process = int(pid_file.read_text())
        name, _, rest = Path(f"/proc/{process}/stat").read_text().partition("(")[2].rpartition(")")
    except (OSError, ValueError):
        return None
    return process if name == program and not rest.lstrip().startswith("Z") else None
