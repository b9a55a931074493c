"""Changing one requirement of a locked requirements.txt, as text: everything else stays as it is."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def blocks(lock: str) -> dict[str, str]:
    """Return the lines of each requirement, its hashes included, by its name."""
    starts = list(_NAME.finditer(lock))
    ends = [*(start.start() for start in starts), len(lock)][1:]
    return {start[1]: lock[start.start() : end] for start, end in zip(starts, ends, strict=bool(starts))}


def versions(lock: str) -> Mapping[str, str]:
    """Return the version that a lock has of each name."""
    return dict(_NAME.findall(lock))


def with_requirement(lock: str, requirement: str) -> str:
    """Return the lock with this requirement: in the place of the one of the same name, or added."""
    merged = sorted({**blocks(lock), **blocks(requirement)}.items())
    return "".join(block if block.endswith("\n") else f"{block}\n" for _, block in merged)
