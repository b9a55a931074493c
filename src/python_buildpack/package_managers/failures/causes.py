"""What a known cause of a failure is, and how a tool's output is searched for one. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping

from cnb.errors import BuildpackError
from cnb.frozen import frozen

_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?:[^/\s@]*@)*(?P<host>[^/\s?#]+)", re.IGNORECASE)
_SEARCHED = 1 << 18
"""Characters at the end of an output: tools end with the reason, and a build backend may print for hours before."""


@frozen
class Cause:
    """A well-known reason for a tool to fail: how its output shows it, and what to say."""

    pattern: str
    """Compiled when a failure is looked into: the tables are long, and nearly every build does without them."""
    error: Callable[[str, str], BuildpackError]
    what: str
    cure: str
    holds: Callable[[Mapping[str, str]], bool] = lambda _: True
    """Whether the facts that the pattern found make it this cause, where that takes more than a pattern."""


@frozen
class Found:
    """A cause that was found, with what the output says about it."""

    cause: Cause
    facts: dict[str, str]

    def error(self, **more: str) -> BuildpackError:
        """Return the error; ``more`` are facts that the output does not have."""
        facts = {**self.facts, **more}
        return self.cause.error(self.cause.what.format_map(facts), self.cause.cure.format_map(facts))


def cause(
    pattern: str,
    error: Callable[[str, str], BuildpackError],
    what: str,
    cure: str,
    holds: Callable[[Mapping[str, str]], bool] = lambda _: True,
) -> Cause:
    """Return the cause that shows by ``pattern``, in which a space stands for any white space: tools break lines.

    In the sentences ``{file}`` is the declaration that was worked on, ``{login}`` what is known of a login to the
    index, and every named group of the pattern is what it matched; of ``url``, no more than scheme and host.
    """
    spaced = re.sub(r"(?<!\\) (?![*?\]])", r"\\s+", pattern)
    return Cause(spaced, error, what, cure, holds)


def find_cause(output: str, causes: Iterable[Cause]) -> Found | None:
    """Return the first of the causes that shows in the output, or in the end of a very long one."""
    end = output[-_SEARCHED:]
    for known in causes:
        match = re.search(known.pattern, end, re.IGNORECASE)
        if match is not None:
            facts = {name: text or "" for name, text in match.groupdict().items()}
            if not known.holds(facts):
                continue
            if "url" in facts:
                facts["url"] = origin(facts["url"])
            return Found(known, facts)
    return None


def origin(url: str) -> str:
    """Return scheme, host and port of a URL: enough to tell an index by, and free of credentials."""
    match = _ORIGIN.match(url)
    return f"{match['scheme']}{match['host']}" if match else "the index"
