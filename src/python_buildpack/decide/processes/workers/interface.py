"""The interface of a task queue. Its module has all that is specific to it: names, and the search for its workers."""

from collections.abc import Callable, Iterator, Mapping

from cnb.frozen import field, frozen
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision


@frozen
class TaskQueue:
    """A task queue: the names by which it is known, and how its workers are found."""

    name: str
    """As it is usually written."""
    distributions: tuple[str, ...]
    """Its workers are looked for only if one of these is installed."""
    words: frozenset[str]
    """Every file by which a worker or its schedule is found has one of these words."""
    search: Callable[[Evidence], Iterator[ProcessDecision]]
    """Yields the worker (and scheduler) processes of an app, at most one of each type."""
    programs: Mapping[str, str] = field(default_factory=dict)
    """Commands, and modules for ``python -m`` → the distribution that provides each."""
    app_options: tuple[str, ...] = ()
    """Options of its command that name the module of its app, perhaps with the app's name in it."""
    app_first: str = ""
    """The version from which on these options are refused behind a sub-command, "" if they are not."""
    passing_on: frozenset[str] = frozenset()
    """Sub-commands that pass these options on to others that they start."""
    folder_options: tuple[str, ...] = ()
    """Options of its command that take the folder in which its modules are."""
    list_options: frozenset[str] = frozenset()
    """Options of its command that take all words up to the next option."""
    names_from: int | None = None
    """From which word after the program on its command is given modules, or objects in them; None if it is not."""
    submodule: str = ""
    """The module below the named one in which its command looks for the app, too; "" if it does not."""
    detaching: frozenset[str] = frozenset()
    """Options of its commands with which they leave nothing in the foreground."""

    def find(self, evidence: Evidence) -> Iterator[ProcessDecision]:
        """Yield the worker (and scheduler) processes, at most one of each type, if the queue is installed."""
        if evidence.has(*self.distributions):
            yield from self.search(evidence)
