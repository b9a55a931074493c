"""Known causes of failures, and the search for them in the output of a tool. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping

from cnb.errors import BuildpackError
from cnb.frozen import frozen

_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?:[^/\s@]*@)*(?P<host>[^/\s?#]+)", re.IGNORECASE)
_SEARCHED = 1 << 18
"""How many characters at the end of an output are searched: tools print the reason last, after any amount of output."""


@frozen
class Cause:
    """A known reason for a tool to fail: the pattern by which its output shows it, and the texts of the error."""

    pattern: str
    """Compiled only after a failure: the tables are long, and nearly no build needs them."""
    error: Callable[[str, str], BuildpackError]
    what: str
    cure: str
    holds: Callable[[Mapping[str, str]], bool] = lambda _: True
    """Takes the values of the pattern's named groups, and returns whether they really show this cause."""


@frozen
class Found:
    """A cause that was found, with the details in the output."""

    cause: Cause
    details: dict[str, str]
    """The values of the pattern's named groups."""

    def error(self, **more: str) -> BuildpackError:
        """Return the error; ``more`` are details for its texts that the output does not contain."""
        details = {**self.details, **more}
        return self.cause.error(self.cause.what.format_map(details), self.cause.cure.format_map(details))


def cause(
    pattern: str,
    error: Callable[[str, str], BuildpackError],
    what: str,
    cure: str,
    holds: Callable[[Mapping[str, str]], bool] = lambda _: True,
) -> Cause:
    """Return the cause for ``pattern``, in which a space matches any white space, because tools break lines.

    ``what`` and ``cure`` are templates. ``{file}`` is the declaration to install, ``{login}`` a sentence on the login
    for the index, and each named group of the pattern the text it matched; of ``url`` only scheme and host.
    """
    spaced = re.sub(r"(?<!\\) (?![*?\]])", r"\\s+", pattern)
    return Cause(spaced, error, what, cure, holds)


def find_cause(output: str, causes: Iterable[Cause]) -> Found | None:
    """Return the first of the causes whose pattern is in the output, or in the end of a very long output."""
    end = output[-_SEARCHED:]
    for known in causes:
        match = re.search(known.pattern, end, re.IGNORECASE)
        if match is not None:
            details = {name: text or "" for name, text in match.groupdict().items()}
            if not known.holds(details):
                continue
            if "url" in details:
                details["url"] = origin(details["url"])
            return Found(known, details)
    return None


def origin(url: str) -> str:
    """Return scheme, host and port of a URL: they identify an index, and contain no credentials."""
    match = _ORIGIN.match(url)
    return f"{match['scheme']}{match['host']}" if match else "the index"
