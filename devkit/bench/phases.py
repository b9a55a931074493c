"""What took how long within a build, from the times at which the lines of its log came."""

import re
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_PHASE = re.compile(r"===> (\w+)")
_HEADING = re.compile(r"^\[([A-Z][^\]:]*)\]")
_STEP = re.compile(r"^Step \d+/\d+ : (\w+ ?\S*)")


@dataclass(slots=True)
class Clock:
    """Listens to a log."""

    begin: float = field(default_factory=time.monotonic)
    lines: list[tuple[float, str]] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Remember when a line came."""
        self.lines.append((time.monotonic() - self.begin, line))

    def phases(self) -> dict[str, float]:
        """Return the seconds of each part until now."""
        return measure_phases(self.lines, time.monotonic() - self.begin)


def measure_phases(lines: Iterable[tuple[float, str]], total: float) -> dict[str, float]:
    """Return the seconds of each part of a log of ``(when, line)`` that ended at ``total``.

    Parts are the lifecycle's phases, the headings of our own log below BUILDING, and the steps of a Dockerfile; what
    comes before the first is ``before``.
    """
    marks: list[tuple[float, str]] = [(0.0, "before")]
    phase = ""
    for when, line in lines:
        if found := _PHASE.search(line):
            phase = found[1].lower()
            marks.append((when, phase))
        elif phase == "building" and (found := _HEADING.match(line)):
            marks.append((when, f"building: {found[1]}"))
        elif found := _STEP.match(line):
            marks.append((when, found[1]))
    ends = [when for when, _ in marks[1:]] + [total]
    seconds: dict[str, float] = {}
    for (when, name), end in zip(marks, ends, strict=True):
        seconds[name] = round(seconds.get(name, 0.0) + end - when, 3)
    return seconds


def median_phases(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each part over all rounds; a part that a round does not have took no time in it."""
    names = dict.fromkeys(name for phases in rounds for name in phases)
    return {name: round(statistics.median(phases.get(name, 0.0) for phases in rounds), 3) for name in names}
