"""What a virtual environment contains, as far as splitting it into layers needs to know: values without effects."""

import json
from collections.abc import Mapping
from typing import Any

from cnb.frozen import frozen


@frozen
class Distribution:
    """One installed distribution."""

    name: str
    """Normalised (PEP 503)."""
    version: str
    tops: Mapping[str, int]
    """Its directories and extension modules directly in site-packages, each with its bytes there."""
    reaches: frozenset[str] = frozenset()
    """Entries of site-packages in which its libraries look for other libraries, by relative paths (RUNPATH)."""
    outside: frozenset[str] = frozenset()
    """Folders beside site-packages in which its libraries do so, relative to the environment."""
    fixed: str = ""
    """Why it cannot be moved; empty if it can."""

    @property
    def size(self) -> int:
        """Return how many bytes could move."""
        return sum(self.tops.values())


@frozen
class Description:
    """One environment."""

    distributions: tuple[Distribution, ...]
    library_folders: frozenset[str] = frozenset()
    """Folders beside site-packages that contain shared libraries, relative to the environment."""
    unowned: frozenset[str] = frozenset()
    """Entries of site-packages with files that no distribution lists as its own."""


def distribution_document(distribution: Distribution) -> dict[str, Any]:
    """Return a distribution as values for JSON."""
    from dataclasses import asdict  # noqa: PLC0415 - most builds install nothing

    return asdict(distribution) | {"reaches": sorted(distribution.reaches), "outside": sorted(distribution.outside)}


def parse_distribution(document: Mapping[str, Any]) -> Distribution:
    """Return the distribution in a document. Raises TypeError and KeyError for anything else."""
    sets = {field: frozenset(document[field]) for field in ("reaches", "outside")}
    return Distribution(**{**document, **sets})


def dump(documents: object) -> str:
    """Return JSON, the same text for the same values."""
    return json.dumps(documents, sort_keys=True, indent=1)
