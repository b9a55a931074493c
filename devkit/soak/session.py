"""The loop: build after build, each held to what its app declares and to leaving nothing behind."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devkit.paths import CHECKOUT
from devkit.soak.cache_damage import damage_cache
from devkit.soak.image import image_faults, write_app
from devkit.soak.index import FailingIndex
from devkit.soak.one_build import Order
from devkit.soak.plan import DAMAGING, INTERRUPTING, MAY_FAIL, NETWORK, REFUSED, App, Attack, Fault, Step
from devkit.soak.processes import build_processes, kill_all, kill_installer, terminate_first

_LONGEST = 900.0
"""Seconds after which a build hangs."""
_POLL = 0.005
_PASSING = ("scratch-*", "private", ".*")
"""What the buildpack has in its layers directory while it works."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a soak works."""

    root: Path
    buildpack: Path
    """The buildpack as a directory. It must not change during the run."""
    inventory: Path
    index: FailingIndex

    @property
    def state(self) -> Path:
        """Return the platform's memory: image and cache."""
        return self.root / "state"

    def order(self, step: Step) -> Order:
        """Return the build of a step."""
        return Order(
            buildpack=str(self.buildpack),
            app=str(self.root / "app"),
            state=str(self.state),
            home=str(self.root / "home"),
            env={
                "BP_PYTHON_INVENTORY": str(self.inventory),
                "PIP_INDEX_URL": f"{self.index.url}/simple/",
                "TMPDIR": str(self.root / "tmp"),
            },
            previous_image=step.fault is not Fault.IMAGE_LOST,
            cache=step.fault is not Fault.CACHE_LOST,
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """How a build ended. ``is_built`` is None for one that was killed with its lifecycle."""

    is_built: bool | None
    log: str
    is_struck: bool
    """Whether the fault met the build: a kill may come too late."""
    seconds: float

    @property
    def code(self) -> str:
        """Return the code of the error that the user sees, empty if there is none."""
        lines = (line for line in self.log.splitlines() if line.startswith("error: "))
        return next(lines, "").removeprefix("error: ")


@dataclass(slots=True)
class Soak:
    """What was seen so far."""

    built: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    """Builds without an image, by the code of the error."""
    struck: Counter[Fault] = field(default_factory=Counter)
    attacked: Counter[Attack] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    """Of the state directory after each build that succeeded."""
    seconds: list[float] = field(default_factory=list)
    image: App | None = None
    """The app in the image of the state."""


def soak(site: Site, steps: Iterable[Step], limit: int, say: Callable[[str], object]) -> Soak:
    """Take every step. ``limit`` is how many bytes the state directory may have after a build that succeeds."""
    seen = Soak()
    for name in ("home", "tmp"):
        (site.root / name).mkdir(parents=True, exist_ok=True)
    for step in steps:
        ended = take(site, step)
        faults = list(_judge(site, step, ended, seen))
        if ended.is_built:
            seen.sizes.append(size_of(site.state))
            if seen.sizes[-1] > limit:
                faults.append(f"the state directory has {seen.sizes[-1]} bytes, more than {limit}")
        seen.wrong += [f"build {step.number} ({step.fault}): {fault}" for fault in faults]
        outcome = "built" if ended.is_built else ended.code or "no image"
        missed = "" if ended.is_struck or step.fault is Fault.NONE else " (too late)"
        cached = size_of(site.state / "cache") / 1e6
        attack = f", {step.app.attack}" if step.app.attack is not Attack.NONE else ""
        say(f"{step.number}: {step.fault}{missed}{attack}: {outcome}, {ended.seconds:.1f} s, {cached:.1f} MB of cache")
        for fault in faults:
            say(f"  WRONG: {fault}\n{ended.log}")
    return seen


def take(site: Site, step: Step) -> Ended:
    """Build with the step's fault."""
    write_app(step.app, site.root / "app")
    struck = step.fault in {Fault.IMAGE_LOST, Fault.CACHE_LOST}
    if step.fault in DAMAGING:
        struck = damage_cache(site.state, step.fault, step.count)
    site.index.fail(step.fault, step.count if step.fault in NETWORK else 0)
    result = site.root / "result.json"
    result.unlink(missing_ok=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "devkit.soak.one_build", site.order(step).text(), str(result)]
    with subprocess.Popen(
        command, env={"PYTHONPATH": f"{CHECKOUT / 'src'}:{CHECKOUT}"}, start_new_session=True
    ) as process:
        if step.fault in INTERRUPTING:
            struck = _interrupt(site.state, step, process)
        try:
            process.wait(_LONGEST)
        finally:
            process.kill()
            kill_all(site.state)
    if step.fault in NETWORK:
        struck = site.index.troubled < step.count
    document: Mapping[str, object] = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    is_built = document.get("built")
    return Ended(
        is_built=is_built if isinstance(is_built, bool) else None,
        log=str(document.get("log", "")),
        is_struck=struck,
        seconds=time.monotonic() - began,
    )


def _interrupt(state: Path, step: Step, process: subprocess.Popen[bytes]) -> bool:
    """End the build, or a part of it, in the way of the step's fault; say whether it was still there."""
    if step.fault is Fault.INSTALLER_KILLED:
        while process.poll() is None:
            if kill_installer(state):
                return True
            time.sleep(_POLL)
        return False
    try:
        process.wait(step.delay)
    except subprocess.TimeoutExpired:
        if step.fault is Fault.KILLED:
            process.kill()
            return kill_all(state) or True
        return terminate_first(state) if step.fault is Fault.TERMINATED else kill_all(state)
    return False


def _judge(site: Site, step: Step, ended: Ended, seen: Soak) -> Iterator[str]:
    """Yield what is wrong after a step, and remember what is not."""
    if step.app.attack is not Attack.NONE:
        seen.attacked[step.app.attack] += 1
    if ended.is_struck and step.fault is not Fault.NONE:
        seen.struck[step.fault] += 1
    if ended.is_built:
        seen.built += 1
        seen.seconds.append(ended.seconds)
        seen.image = step.app
    else:
        seen.failed[ended.code or "(killed)"] += 1
        yield from _judge_failure(step, ended)
    # Before the image is started: its log is another file.
    yield from _leftovers(site, was_killed=step.fault in {Fault.KILLED, Fault.STEP_KILLED})
    if seen.image is not None:
        yield from image_faults(seen.image, site.state)


def _judge_failure(step: Step, ended: Ended) -> Iterator[str]:
    is_refused = step.app.attack is Attack.DAMAGE and ended.code in REFUSED
    if (step.fault not in MAY_FAIL or not ended.is_struck) and not is_refused:
        yield "no image, though there was no fault"
    if "Traceback" in ended.log or ended.code == "internal-error":
        yield "reported as a fault of the buildpack"
    is_silent = step.fault in {Fault.KILLED, Fault.STEP_KILLED, Fault.TERMINATED}
    if not ended.code and not is_silent:
        yield "failed without saying why"


def _leftovers(site: Site, *, was_killed: bool) -> Iterator[str]:
    """Yield what a build left behind. A container's files go with it, so one that was killed may leave some."""
    if pids := build_processes(site.state):
        yield f"{len(pids)} processes are left"
    for folder in (site.root / "tmp", site.root / "home"):
        if was_killed:
            _empty(folder)
        elif names := sorted(path.name for path in folder.iterdir()):
            yield f"{folder.name} has {', '.join(names)}"
            _empty(folder)
    left = sorted(path.name for pattern in _PASSING for path in site.state.glob(f"layers/*/{pattern}"))
    if left and not was_killed:
        yield f"the layers directory has {', '.join(left)}"


def _empty(folder: Path) -> None:
    subprocess.run(["find", str(folder), "-mindepth", "1", "-delete"], check=True)


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a directory, each counted once."""
    files = {(path.lstat().st_dev, path.lstat().st_ino): path.lstat().st_size for path in folder.rglob("*")}
    return sum(files.values())
