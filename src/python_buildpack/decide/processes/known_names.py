"""The names by which all frameworks, task queues and servers together are known: what is looked for in sources."""

from cnb.frozen import frozen


@frozen
class KnownNames:
    """What one pass over the sources looks for; made from the registries of all kinds in ``registry.py``."""

    words: frozenset[str]
    """One of these words is in every file that holds an app, a factory or a queue that we can find."""
    single_files: frozenset[str]
    """Frameworks of a single file, which is often put beside the app's own: still not the app's."""
    run_calls: frozenset[str]
    """Full names of calls with which a program serves an app by its framework itself."""
    mounts: frozenset[str]
    """Last parts of the names of calls that are given an app to serve as a part of another one."""
