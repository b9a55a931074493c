"""What the pins of an app say about its Python version."""

from collections.abc import Mapping

from cnb.frozen import field, frozen

ANSWER = "python-pins"
"""Key in store.toml: the answer of the last build, with a digest of the question."""
QUESTION, MINOR, BECAUSE = "question", "minor", "because"
"""Its keys."""


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


def overruled(answer: Answer, by: Inferred) -> Answer:
    """Return an answer with another version, which is remembered in place of what the pins said. Pure."""
    known = answer.remembered.get(ANSWER)
    if not isinstance(known, dict):
        return Answer(by)
    return Answer(by, {ANSWER: {**known, MINOR: by.minor, BECAUSE: by.because}})
