"""Builds to a registry, as kpack, Tekton and ``pack build --publish`` make them: seconds, and bytes pushed and pulled.

The registry is on loopback. Before each build it gets the images back that the first build left in it, and none that
another one has added, so each build pushes what a registry would not have. The floor takes turns with ours, and
what matters is the time above it: both export the same layers.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from devkit.bench.apps import App
from devkit.bench.floor import Floor, copy_layers
from devkit.bench.model import CACHES, FLOOR, OURS, SCENARIOS, CacheAt, Published, Scenario, Start, Variant
from devkit.bench.rivals import Job, PackRival
from devkit.bench.rounds import in_turn
from devkit.bench.stage import Stage
from devkit.bench.states import CacheKind, Slot
from devkit.pack.registry import push, registry

SCENARIOS_PUBLISHED = tuple(
    scenario
    for scenario in SCENARIOS
    if scenario.start in {Start.NOTHING, Start.ALL} and scenario.variant != Variant.PYTHON
)
RIVALS = OURS, FLOOR
_VOLUMES: tuple[CacheKind, ...] = ("build",)
"""Launch layers are kept in a volume only where images are in an engine."""
_SMALL = 1 << 16
"""Bytes. The registry writes its small files, which name others, in their place, and never again what is larger."""
_ANSWER = re.compile(r'"GET /v2/[^"]*" 200 (\d+) ')
"""A line of the registry's log of requests."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The files of a registry, and copies of them."""

    images: Path
    log: Path
    kept: Path
    """Where the copies are."""

    def keep(self, name: str) -> None:
        """Keep what the registry has now."""
        _copy(self.images, self.kept / name)

    def put_back(self, name: str) -> None:
        """Let the registry have what was kept, and nothing else."""
        _copy(self.kept / name, self.images)

    def stored(self) -> int:
        """Return the bytes of all blobs."""
        return sum(file.stat().st_size for file in self.images.rglob("blobs/sha256/*/*/data"))

    def pulled(self, since: int) -> int:
        """Return the bytes that the registry sent after the first ``since`` bytes of its log."""
        return sum(map(int, _ANSWER.findall(self.log.read_text(encoding="utf-8", errors="replace")[since:])))

    def position(self) -> int:
        """Return the length of the log."""
        return len(self.log.read_text(encoding="utf-8", errors="replace"))


def _copy(source: Path, target: Path) -> None:
    def copy(file: str, to: str) -> None:
        if Path(file).stat().st_size > _SMALL:
            Path(to).hardlink_to(file)
        else:
            shutil.copyfile(file, to)

    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, copy_function=copy)


@dataclass(frozen=True, slots=True)
class RegistrySlot:
    """Where one rival builds one app."""

    address: str
    storage: Storage
    cache: CacheAt
    slot: Slot
    """Has the volumes, where the cache is one."""

    @property
    def image(self) -> str:
        """The name of the image."""
        return f"{self.address}/{self.slot.app}-{self.slot.rival}:latest"

    @property
    def cache_options(self) -> tuple[str, ...]:
        """Options of ``pack build`` that name the cache."""
        if self.cache == "volume":
            return self.slot.cache_options
        return (
            "--cache",
            f"type=build;format=image;name={self.address}/{self.slot.app}-{self.slot.rival}-cache:latest",
        )

    @property
    def _name(self) -> str:
        return f"{self.slot.app}-{self.slot.rival}-{self.cache}"

    def keep(self) -> None:
        """Keep what the first build left."""
        self.storage.keep(self._name)
        if self.cache == "volume":
            self.slot.keep_volumes(_VOLUMES)

    def put_back(self, start: Start) -> None:
        """Make the state in which the next build is to start."""
        self.slot.clear()
        self.storage.put_back(_EMPTY if start is Start.NOTHING else self._name)
        if start is Start.ALL and self.cache == "volume":
            self.slot.put_back_volumes(_VOLUMES)


_EMPTY = "run-image-only"


@dataclass(slots=True)
class _Notes:
    seconds: list[float] = field(default_factory=list)
    pushed: int = 0
    pulled: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Publishing:
    """Ours and the floor on one app, with a cache of one kind."""

    stage: Stage
    app: App
    rivals: tuple[PackRival, ...]
    slots: dict[str, RegistrySlot]
    floor: Floor
    say: Callable[[str], object]
    notes: dict[tuple[str, str], _Notes] = field(default_factory=dict)

    def run(self, scenario: Scenario, rival: PackRival, number: int) -> None:
        """Build once, and take notes."""
        first = self.notes.get((SCENARIOS[0].name, rival.name))
        if first is not None and first.failure:
            return
        slot, notes = self.slots[rival.name], self.notes.setdefault((scenario.name, rival.name), _Notes())
        slot.put_back(scenario.start)
        before, position = slot.storage.stored(), slot.storage.position()
        source = self.stage.sources(self.app, scenario.variant, rival.name)
        floor = self.floor.folder(scenario) if rival.name == FLOOR else None
        outcome = rival.build(Job(slot, source, self.stage.python_of(scenario.variant), scenario.start, floor))
        if outcome.failure:
            notes.failure = outcome.failure
            self.say(outcome.failure)
            return
        notes.seconds.append(round(outcome.seconds, 3))
        # What is pushed does not depend on the round.
        notes.pushed, notes.pulled = slot.storage.stored() - before, slot.storage.pulled(position)
        self.say(
            f"  {self.app.name}, to a registry, cache {slot.cache}, round {number + 1}: {scenario.name}, {rival.name}: "
            f"{outcome.seconds:.2f} s, pushed {notes.pushed / 1e6:.1f} MB, pulled {notes.pulled / 1e6:.1f} MB"
        )
        if scenario.start is Start.NOTHING and number == 0:
            slot.keep()


def measure_publishing(
    stage: Stage, apps: Sequence[App], scenarios: Sequence[Scenario], rounds: int, say: Callable[[str], object]
) -> Iterator[Published]:
    """Yield what builds to a registry need. Raises DevkitError if ours cannot build what the floor is made from."""
    chosen = tuple(scenario for scenario in SCENARIOS_PUBLISHED if scenario in scenarios)
    with _open_registry(stage) as (address, storage, run_image):
        options = ("--publish", "--run-image", run_image)
        for app in apps:
            floor = copy_layers(stage, app, chosen, say)
            rivals = tuple(_publishing(stage, name, app, options) for name in RIVALS)
            for cache in CACHES:
                slots = {
                    name: RegistrySlot(address, storage, cache, stage.slot(app.name, f"{name}-{cache}"))
                    for name in RIVALS
                }
                held = _Publishing(stage, app, rivals, slots, floor, say)
                yield from _measure(held, chosen, rounds, cache)


def _measure(held: _Publishing, chosen: Sequence[Scenario], rounds: int, cache: CacheAt) -> Iterator[Published]:
    first = SCENARIOS_PUBLISHED[0]
    try:
        for number in range(rounds):
            for scenario in SCENARIOS_PUBLISHED:
                if scenario in chosen or (scenario is first and number == 0):
                    for rival in in_turn(held.rivals, number):
                        held.run(scenario, rival, number)
    finally:
        for slot in held.slots.values():
            slot.slot.forget()
    for (scenario_name, rival_name), notes in held.notes.items():
        if scenario_name in {scenario.name for scenario in chosen}:
            seconds = tuple(notes.seconds)
            yield Published(
                held.app.name, scenario_name, cache, rival_name, seconds, notes.pushed, notes.pulled, notes.failure
            )


def _publishing(stage: Stage, name: str, app: App, options: tuple[str, ...]) -> PackRival:
    rival = stage.rival(name, app)
    assert isinstance(rival, PackRival)  # noqa: S101 - ours and the floor are
    return replace(rival, options=options)


@contextmanager
def _open_registry(stage: Stage) -> Iterator[tuple[str, Storage, str]]:
    """Yield the address of a registry that has the run image, its files, and the run image's name there."""
    folder = stage.folder / "registry"
    folder.mkdir()
    with registry(folder) as address:
        run_image = push(stage.run_image, address)
        storage = Storage(folder / "images", folder / "registry.log", folder / "kept")
        storage.kept.mkdir()
        storage.keep(_EMPTY)
        yield address, storage, run_image
