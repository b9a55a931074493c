"""Reads the import statements of a module from its text. Pure.

Not by a syntax tree: an app reaches up to some thousands of modules, and parsing them would take many seconds. So what
only looks like an import, in a docstring, is taken for one; ``is_certain`` asks the syntax tree about one that matters.
"""

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from cnb.frozen import frozen

_STATEMENT = re.compile(
    # Twice as fast as "^" with re.MULTILINE.
    r"\n(?P<indent>[ \t]*)(?:"
    r"import[ \t]+(?P<modules>[^\n;#\\]*(?:\\\n[^\n;#\\]*)*)|"
    r"from[ \t]+(?P<dots>[. ]*)(?P<module>[\w.]*)[ \t]+import[ \t]*"
    r"(?:\((?P<group>[^)]*)\)|(?P<names>[^\n;#\\]*(?:\\\n[^\n;#\\]*)*)))"
)
_TOP = re.compile(r"\n(?=[A-Za-z_@])(?P<block>(?:if|elif|else|try|except|finally|with)\b)?")
_COMMENT = re.compile(r"#[^\n]*")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


@frozen
class Import:
    """One imported module, or names that are imported from one."""

    line: int
    is_top: bool
    """Whether the statement is at the beginning of its line: then it runs whenever the module is imported."""
    level: int
    """The number of leading dots."""
    module: str
    """The module as it is written, without dots before it."""
    names: tuple[str, ...]
    """What is imported from it; empty for ``import module``."""
    is_in_block: bool = False
    """Whether it is in a block of the module that may run then, too: an ``if``, ``try`` or the like."""


def read_imports(text: str) -> Iterator[Import]:
    """Yield the imports of a module, those in functions and conditions too."""
    whole, line, end = f"\n{text}", 0, 0
    blocks = [(found.start(), found["block"] is not None) for found in _TOP.finditer(whole)]
    for match in _STATEMENT.finditer(whole):
        line, end = line + whole.count("\n", end, match.start() + 1), match.start() + 1
        is_top = not match["indent"]
        is_in_block = not is_top and _in_block(blocks, match.start())
        if match["modules"] is not None:
            for module in _listed(match["modules"]):
                yield Import(line, is_top, 0, module, (), is_in_block)
        else:
            names = _listed(match["group"] if match["group"] is not None else match["names"] or "")
            yield Import(line, is_top, match["dots"].count("."), match["module"], tuple(names), is_in_block)


def _in_block(blocks: list[tuple[int, bool]], at: int) -> bool:
    """Return whether the last line before a place that is not indented begins a block which is no function."""
    index = bisect_right(blocks, (at, True)) - 1
    return index >= 0 and blocks[index][1]


def _listed(text: str) -> Iterator[str]:
    """Yield the names in ``a.b as c, d``; the star is not a name."""
    # Most lists have neither comments nor continued lines.
    plain = _COMMENT.sub("", text) if "#" in text else text
    for item in plain.replace("\\\n", " ").split(","):
        found = _NAME.match(item.strip())
        if found:
            yield found[0]


def is_certain(text: str, line: int) -> bool:
    """Return whether the statement in this line is an import that runs whenever the module is imported."""
    return line in _top_lines(text)


@lru_cache(maxsize=64)
def _top_lines(text: str) -> frozenset[int]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(node.lineno for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
