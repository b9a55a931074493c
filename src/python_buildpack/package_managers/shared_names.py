"""Packages that several of the searched indexes have: whoever publishes the highest version decides what is installed.

The attack is known as dependency confusion. uv asks all indexes for each name where the best version of all counts, and
keeps the answers, so nothing more is asked here.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

from python_buildpack.ports.interfaces import Reporter

_SHOWN = 10


def shared_names(cache: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names for which uv's cache has the answers of more than one index.

    Each index has a directory there, with a file for each name that the index has.
    """
    wanted = {canonicalize_name(name) for name in names}
    answers = (*cache.glob("simple-v*/pypi/*.rkyv"), *cache.glob("simple-v*/index/*/*.rkyv"))
    counted = Counter(path.stem for path in answers)
    return tuple(sorted(name for name in wanted if counted[name] > 1))


def warn_of_shared_names(reporter: Reporter, cache: Path, names: Iterable[str]) -> None:
    """Warn of the names that several of the searched indexes have, if there are any."""
    found = shared_names(cache, names)
    if not found:
        return
    others = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    reporter.warning(
        "Packages are on more than one of the package indexes",
        f"{', '.join(found[:_SHOWN])}{others}: the highest version of all indexes is installed, whoever published it. "
        "For a name of your own, somebody else could publish a higher one on the public index (dependency confusion). "
        "Pin such packages to their index ([tool.uv.sources], source in Poetry's and index in a Pipfile's tables), or "
        "bind the index with order = first or alone (docs/private-networks.md).",
    )
