"""What is different between two trees, in words that lead to the cause."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from devkit.lifecycle.trees import walk

_LINES = 6
"""How much of a difference between two texts is shown."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is not the same in both trees."""

    path: str
    what: str


def compare_trees(first: Path, second: Path) -> Iterator[Difference]:
    """Yield every entry that differs in what a layer's digest depends on: kind, mode, link target, content."""
    before, after = _entries(first), _entries(second)
    for path in sorted(before.keys() | after.keys()):
        if path not in after:
            yield Difference(path, "only in the first")
        elif path not in before:
            yield Difference(path, "only in the second")
        elif what := _difference(before[path], after[path]):
            yield Difference(path, what)


def _entries(root: Path) -> dict[str, Path]:
    return {str(path.relative_to(root)): path for path in walk(root)} if root.exists() else {}


def _difference(first: Path, second: Path) -> str:
    modes = [path.lstat().st_mode for path in (first, second)]
    if modes[0] != modes[1]:
        return f"mode {stat.filemode(modes[0])}, then {stat.filemode(modes[1])}"
    if stat.S_ISLNK(modes[0]):
        targets = [os.readlink(path) for path in (first, second)]  # noqa: PTH115 - the bytes as they are
        return "" if targets[0] == targets[1] else f"link to {targets[0]}, then to {targets[1]}"
    return _content_difference(first.read_bytes(), second.read_bytes()) if stat.S_ISREG(modes[0]) else ""


def _content_difference(first: bytes, second: bytes) -> str:
    if first == second:
        return ""
    if b"\0" not in first + second:
        before, after = (content.decode(errors="replace").splitlines() for content in (first, second))
        lines = unified_diff(before, after, n=0, lineterm="")
        changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
        return "\n".join(["another text:", *changed[:_LINES]])
    at = next((n for n, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), len(first))
    around = slice(max(0, at - 8), at + 24)
    return (
        f"{len(first)} bytes, then {len(second)}; the first difference is at byte {at}: "
        f"{first[around]!r}, then {second[around]!r}"
    )
