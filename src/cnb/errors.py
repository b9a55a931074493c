"""The base class of all errors that are shown to the user."""

from typing import ClassVar


class BuildpackError(Exception):
    """An error that is explained to the user: what happened, and what to do about it.

    Each kind of error is a subclass beside the code that raises it. Its ``code`` never changes after a release, because
    people search for it; its docstring is on its page in docs/errors. Any other exception that leaves a buildpack is a
    bug in it and is reported as a bug.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    remedies: ClassVar[tuple[str, ...]] = ()
    """What of the platform may have to be changed; the page of the code says how, for each platform."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        """What happened, with the details: the file, the line, the value found."""
        self.cure = cure
        """What to do now, as an instruction."""
        self.beside: tuple[BuildpackError, ...] = ()
        """Other errors that were found, too."""
