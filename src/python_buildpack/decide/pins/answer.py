"""What the pins of an app say about the Python that it gets."""

from collections.abc import Mapping

from cnb.frozen import field, frozen


@frozen
class Inferred:
    """A minor version, and the pin that rules out newer ones."""

    minor: str
    because: str


@frozen
class Answer:
    """What the pins say, and what the next build is to know of it."""

    inferred: Inferred | None = None
    remembered: Mapping[str, object] = field(default_factory=dict)
    is_index_needed: bool = False
    """Whether only the package index could have answered, and could not be asked."""
