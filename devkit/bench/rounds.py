"""Running the cells: rounds of all scenarios, the rivals in turn within each, so that what else happens meets all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from devkit.bench.apps import App
from devkit.bench.floor import Floor, copy_layers
from devkit.bench.image_layers import measure_layers, name_layers, new_bytes
from devkit.bench.model import FLOOR, OURS, SCENARIOS, Cell, Scenario, Start, Variant
from devkit.bench.phases import median_phases
from devkit.bench.rivals import Job, Outcome, Rival
from devkit.bench.stage import Stage
from devkit.bench.states import Slot
from devkit.pack.app_image import inspect_image

FIRST = SCENARIOS[0]
_Rival = TypeVar("_Rival")


@dataclass(frozen=True, slots=True)
class Selection:
    """What of everything is to be run."""

    scenarios: tuple[Scenario, ...]
    rivals: tuple[str, ...]
    rounds: int
    with_sizes: bool = True


@dataclass(slots=True)
class Notes:
    """What is gathered of one cell."""

    seconds: list[float] = field(default_factory=list)
    phases: list[Mapping[str, float]] = field(default_factory=list)
    new_bytes: int | None = None
    layers: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""

    def take(self, outcome: Outcome) -> None:
        """Add one round."""
        if outcome.failure:
            self.failure = outcome.failure
        else:
            self.seconds.append(round(outcome.seconds, 3))
            self.phases.append(outcome.phases)

    def cell(self, app: str, scenario: str, rival: str) -> Cell:
        """Return the result."""
        phases = median_phases(self.phases)
        return Cell(app, scenario, rival, tuple(self.seconds), phases, self.new_bytes, self.layers, self.failure)


@dataclass(frozen=True, slots=True)
class Contest:
    """The rivals on one app."""

    stage: Stage
    app: App
    rivals: tuple[Rival, ...]
    floor: Floor | None
    selection: Selection
    say: Callable[[str], object]
    notes: dict[tuple[str, str], Notes] = field(default_factory=dict)

    def run_round(self, number: int) -> None:
        """Run every scenario once for every rival."""
        for scenario in scenarios_of(self.selection.scenarios, number):
            for rival in in_turn(self.rivals, number):
                self._run(scenario, rival, number)

    def _run(self, scenario: Scenario, rival: Rival, number: int) -> None:
        notes = self.notes.setdefault((scenario.name, rival.name), Notes())
        if notes.failure or self._notes(FIRST, rival).failure:
            return
        slot = self._slot(rival)
        slot.put_back(scenario.start)
        outcome = rival.build(self._job(scenario, rival, slot))
        notes.take(outcome)
        result = "failed" if outcome.failure else f"{outcome.seconds:.2f} s"
        self.say(f"  {self.app.name}, round {number + 1}: {scenario.name}, {rival.name}: {result}")
        if outcome.failure:
            self.say(outcome.failure)
            return
        if scenario is FIRST:
            slot.keep()
        if number == 0 and self.selection.with_sizes:
            self._measure(scenario, slot, notes)

    def _notes(self, scenario: Scenario, rival: Rival) -> Notes:
        return self.notes.get((scenario.name, rival.name)) or Notes()

    def _slot(self, rival: Rival) -> Slot:
        return self.stage.slot(self.app.name, rival.name)

    def _job(self, scenario: Scenario, rival: Rival, slot: Slot) -> Job:
        source = self.stage.sources(self.app, scenario.variant, rival.name)
        floor = self.floor.folder(scenario) if self.floor and rival.name == FLOOR else None
        before = self.stage.sources(self.app, Variant.BASE, rival.name)
        return Job(slot, source, self.stage.python_of(scenario.variant), scenario.start, floor, before)

    def _measure(self, scenario: Scenario, slot: Slot, notes: Notes) -> None:
        sizes = measure_layers(slot.image)
        base = inspect_image(self.stage.run_image).layers
        before = base if scenario.start in {Start.NOTHING, Start.NO_IMAGE} else inspect_image(slot.kept_image).layers
        notes.new_bytes = new_bytes(before, sizes)
        if scenario is FIRST:
            notes.layers = name_layers(inspect_image(slot.image), sizes, base)


def scenarios_of(selected: Sequence[Scenario], number: int = 0) -> tuple[Scenario, ...]:
    """Return what has to be run in a round, in order.

    The first build is what all others start from; what it left stays until a scenario loses it.
    """
    is_needed = number == 0 or any(scenario.start is Start.NO_IMAGE for scenario in selected)
    return tuple(scenario for scenario in SCENARIOS if scenario in selected or (scenario is FIRST and is_needed))


def in_turn(rivals: Sequence[_Rival], number: int) -> tuple[_Rival, ...]:
    """Return the rivals in the order of a round: each goes first in some."""
    shift = number % len(rivals)
    return (*rivals[shift:], *rivals[:shift])


def contest(stage: Stage, app: App, selection: Selection, say: Callable[[str], object]) -> Iterator[Cell]:
    """Run one app and yield its cells. Raises DevkitError if ours cannot build what the floor is made from."""
    if stage.pythons.other_version is None:
        kept = tuple(scenario for scenario in selection.scenarios if scenario.variant is not Variant.PYTHON)
        selection = Selection(kept, selection.rivals, selection.rounds, selection.with_sizes)
    say(f"{app.title}")
    floor = copy_layers(stage, app, selection.scenarios, say) if FLOOR in selection.rivals else None
    rivals = tuple(stage.rival(name, app) for name in selection.rivals)
    held = Contest(stage, app, rivals, floor, selection, say)
    try:
        for number in range(selection.rounds):
            held.run_round(number)
    finally:
        for rival in rivals:
            stage.slot(app.name, rival.name).forget()
    order = {name: place for place, name in enumerate((OURS, *selection.rivals))}
    for (scenario, name), notes in sorted(held.notes.items(), key=lambda item: order[item[0][1]]):
        if scenario != FIRST.name or FIRST in selection.scenarios or notes.failure:
            yield notes.cell(app.name, scenario, name)
