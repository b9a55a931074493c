"""All kinds of apps, queues and servers, and the union of the names by which they are known."""

from collections.abc import Iterable

from python_buildpack.decide.processes.apps import FACTORY_WORDS
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.relevance import KnownNames
from python_buildpack.decide.processes.servers import RUNNERS
from python_buildpack.decide.processes.workers.registry import TASK_QUEUES


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


KNOWN = KnownNames(
    words=_all(kind.source_words for kind in APP_KINDS)
    | _all(queue.words for queue in TASK_QUEUES)
    | {runner.word for runner in RUNNERS.values()}
    | set(FACTORY_WORDS),
    single_files=frozenset(name for kind in APP_KINDS if kind.is_single_file for name in kind.distributions),
    run_calls=_all(kind.run_calls for kind in APP_KINDS),
    mounts=_all(kind.mounts for kind in APP_KINDS),
    queues=frozenset(queue.name.lower() for queue in TASK_QUEUES),
)
