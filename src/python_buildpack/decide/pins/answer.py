"""What the pins of an app say about its Python version."""

from collections.abc import Mapping

from cnb.frozen import field, frozen


@frozen
class Inferred:
    """A minor version, and the pin that excludes newer ones."""

    minor: str
    because: str


@frozen
class Answer:
    """What the pins say, and what to store for the next build."""

    inferred: Inferred | None = None
    remembered: Mapping[str, object] = field(default_factory=dict)
    is_index_needed: bool = False
    """Whether the package index would have been needed, and could not be asked."""
