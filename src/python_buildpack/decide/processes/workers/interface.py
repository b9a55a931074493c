"""What there is to know of a task queue, all of it in the queue's own module: names, and the search for its workers."""

from collections.abc import Callable, Iterator, Mapping

from cnb.frozen import field, frozen
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision


@frozen
class TaskQueue:
    """A task queue: the names by which it is known, and how its workers are found."""

    name: str
    """As people write it."""
    distributions: tuple[str, ...]
    """One of these brings it; its workers are looked for only then."""
    words: frozenset[str]
    """One of these words is in every file by which a worker, or its schedule, is found."""
    search: Callable[[Evidence], Iterator[ProcessDecision]]
    """Yields the worker (and scheduler) processes of an app, at most one of each type."""
    programs: Mapping[str, str] = field(default_factory=dict)
    """Commands, and modules that run with ``python -m`` → the distribution that brings each."""

    def find(self, evidence: Evidence) -> Iterator[ProcessDecision]:
        """Yield the worker (and scheduler) processes, at most one of each type, if the queue is installed."""
        if evidence.has(*self.distributions):
            yield from self.search(evidence)
