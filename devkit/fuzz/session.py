"""A long run over all targets: rounds of cases until the time is up, findings kept with their smallest input."""

import itertools
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from devkit.fuzz.target import Broken, Files, Refused, Target, Value, judge, write_files

CASES_A_ROUND = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What a target must not do, with the smallest input that was seen to make it."""

    target: str
    where: str
    trace: str
    files: Files

    @property
    def size(self) -> int:
        """Return the bytes of the input."""
        return sum(map(len, self.files.values()))


@dataclass(slots=True)
class Session:
    """What a run has seen so far."""

    values: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    """By target."""
    codes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """Return how many inputs were tried."""
        return self.values.total() + self.refusals.total() + self.broken

    broken: int = 0

    def try_one(self, target: Target, files: Files) -> None:
        """Let a target read one input, and remember what came of it."""
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        try:
            write_files(files, folder)
            match judge(target, folder):
                case Value():
                    self.values[target.name] += 1
                case Refused(code):
                    self.refusals[target.name] += 1
                    self.codes[code] += 1
                case Broken(where, trace):
                    self.broken += 1
                    self._keep(Finding(target.name, where, trace, files))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, finding: Finding) -> None:
        known = self.findings.get(finding.where)
        if known is None or finding.size < known.size:
            self.findings[finding.where] = finding


def run_session(targets: Sequence[Target], seconds: float, start: int, say: Callable[[str], object]) -> Session:
    """Try every target in turn, round after round, each round with a seed of its own, until the time is up."""
    session = Session()
    end = time.monotonic() + seconds
    reported = 0
    for number in itertools.count(start):
        for target in targets:
            if time.monotonic() >= end:
                return session
            run_round(session, target, CASES_A_ROUND, number)
        if len(session.findings) != reported or number % 10 == 0:
            reported = len(session.findings)
            say(f"round {number}: {session.cases} cases, {reported} findings")
    raise AssertionError("the rounds have no end")


def run_round(session: Session, target: Target, examples: int, number: int | None = None) -> None:
    """Try so many inputs on a target: those of the seed ``number``, or without one the same each time."""

    @settings(
        max_examples=examples,
        derandomize=number is None,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(target.files)
    def cases(files: Files) -> None:
        session.try_one(target, files)

    (cases if number is None else seed(number)(cases))()
