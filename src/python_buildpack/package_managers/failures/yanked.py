"""Warnings for withdrawn versions (PEP 592) that were installed because they are pinned."""

import re
from collections.abc import Iterator

from cnb.frozen import frozen, values
from python_buildpack.ports.interfaces import Reporter

_PATTERNS = (
    # uv
    re.compile(r"warning: `(?P<what>[^`]+)` is yanked(?: \(reason: \"(?P<reason>[^\n]*)\"\))?"),
    # pip
    re.compile(
        r"is a yanked version: '(?P<name>[^']+)' candidate \(version (?P<version>\S+) at [^\n]*\n"
        r"Reason for being yanked: (?P<reason>[^\n]*)"
    ),
    # Poetry
    re.compile(
        r"file chosen for install of (?P<name>\S+) (?P<version>\S+) \([^)]*\) is yanked\."
        r"(?: Reason for being yanked: (?P<reason>[^\n]*))?"
    ),
)
_NO_REASON = frozenset({"", "<none given>"})


@frozen
class Yanked:
    """An installed version that its authors withdrew, and their reason."""

    what: str
    reason: str


def find_yanked(output: str) -> Iterator[Yanked]:
    """Yield the withdrawn versions that the output of an installer names. Pure."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(output):
            found = match.groupdict()
            reason = (found["reason"] or "").strip()
            what = found.get("what") or f"{found['name']}=={found['version']}"
            yield Yanked(what, "no reason is given" if reason in _NO_REASON else reason)


def warn_of_yanked(reporter: Reporter, output: str) -> None:
    """Warn the user of each withdrawn version that was installed."""
    for yanked in sorted(set(find_yanked(output)), key=values):
        reporter.warning(
            f"{yanked.what} was withdrawn by its authors",
            f"Their reason: {yanked.reason}. It is installed because it is pinned; pin another version.",
        )
