"""``./dev build DIR``: the local lifecycle, with the checkout itself as the buildpack."""

import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.lifecycle.build import build
from devkit.lifecycle.launch import launch
from devkit.lifecycle.problems import LifecycleError
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.lifecycle.running import NoAnswer, Response, Running
from devkit.machine import machine_arch
from devkit.paths import CHECKOUT, kept
from devkit.serving import Wish, hold_to
from python_buildpack.settings.table import INVENTORY
from python_buildpack.support.tree_size import megabytes

_LOOK = 0.05
"""Seconds between two looks at the log of a command."""
_SIGNALLED = 128
"""What shells add to the number of the signal that ended a program."""


@dataclass(frozen=True, slots=True)
class LocalApp:
    """A process of the local platform."""

    running: Running
    port: int

    def ask(self, path: str, timeout: float) -> Response | None:
        """Return its answer, or None if none came in time."""
        try:
            return self.running.wait_for_http(self.port, path, timeout)
        except NoAnswer as error:
            if self.is_running():
                return None
            raise DevkitError(str(error)) from error

    def log(self) -> str:
        """Return what it printed so far."""
        return self.running.log

    def is_running(self) -> bool:
        """Say whether it has not ended."""
        return self.running.process.poll() is None

    def stop(self) -> int:
        """End it, and return its exit status."""
        return self.running.terminate()


def build_locally(app: Path, env: Mapping[str, str], wish: Wish | None, *, clean: bool) -> int:
    """Build the app on this machine, and start it unless ``wish`` is None. Returns the exit status."""
    state = state_directory(app)
    if clean:
        shutil.rmtree(state, ignore_errors=True)
    try:
        result = build(Request((CHECKOUT,), app, state, env=with_inventory(env), output=_print))
        match result:
            case Failed():
                print(f"\nThe build failed: {result.reason}. The previous image, if there was one, is as it was.")
                return int(result.status)
            case Built():
                _tell(result)
        if wish is None or not result.default_process:
            return 0
        running = launch(state, env={**wish.env, "PORT": str(wish.port)})
        return hold_to(LocalApp(running, wish.port), wish)
    except LifecycleError as error:
        raise DevkitError(str(error)) from error


def run_in_image(state: Path, command: Sequence[str], env: Mapping[str, str], process: str | None) -> int:
    """Run a command, or a process of the image that is kept in ``state``, and return its exit status.

    What it prints is passed on as it comes. Raises DevkitError if there is no image or no such program.
    """
    try:
        running = launch(state, process, env, command=command)
    except LifecycleError as error:
        raise DevkitError(str(error)) from error
    with running, running.log_file.open(errors="replace") as log:
        while running.process.poll() is None:
            print(log.read(), end="", flush=True)
            time.sleep(_LOOK)
        print(log.read(), end="", flush=True)
        status = running.process.returncode
    return status if status >= 0 else _SIGNALLED - status


def state_directory(app: Path) -> Path:
    """Return where this app's image and cache are kept between builds."""
    digest = hashlib.sha256(str(app.resolve()).encode()).hexdigest()
    return kept() / "local" / f"{app.name}-{digest[:8]}"


def with_inventory(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the build, with an inventory that this machine can install from."""
    if INVENTORY.name in env:
        return dict(env)
    source = find_source(machine_arch())
    return {**env, **({} if source.is_upstream else {INVENTORY.name: str(source.inventory)})}


def _print(line: str) -> None:
    print(line.rstrip("\n"), flush=True)


def _tell(built: Built) -> None:
    print("\nLayers, counted as in the log:")
    for layer in built.layers:
        how = "by reference" if layer.by_reference else megabytes(layer.size)
        print(f"  {layer.name}: {layer.outcome} ({how})")
    spent = ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in built.durations.items())
    print(f"Time: {spent}; {sum(built.durations.values()):.2f} s in all")
