"""The one kind of error that a person is meant to read."""

from typing import ClassVar


class BuildpackError(Exception):
    """A failure that is explained to the user: what happened, and what to do about it.

    Each kind of failure is a subclass beside the code that raises it, with a ``code`` that never changes once
    released (people search for it) and a ``title``; its docstring is the entry in docs/errors.md. Whatever else
    escapes from a buildpack is a bug of ours and is reported as one.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        """What happened, with the facts: the file, the line, the value found."""
        self.cure = cure
        """What to do now, as an instruction."""
