"""Uses regular expressions that were compiled when the package was made.

Python stores the bytecode of a module, but compiles its regular expressions again at every start. No public API can
store them: a pickle of a pattern contains only its text. So ``use_compiled`` uses CPython's private modules
``re._compiler`` and ``_sre``; no other shipped function does. The package's own interpreter writes the table
(``devkit/packaging/write_patterns.py``); any other interpreter ignores it, and a checkout has none. ``==`` of patterns
compares the compiled code, so a test can compare the table with newly compiled patterns, for each supported version of
CPython.

The patterns that an unchanged build compiles while it imports (CPython 3.13.0, CPU time, least of 15 runs):

=================  ========  ===========
imported by        patterns  milliseconds
=================  ========  ===========
the buildpack            92         13.1
packaging                28          7.0
standard library         35          3.8
all, compiled           161         25.4
all, from the table     161          1.3
=================  ========  ===========

The last row includes 0.5 ms for reading the table. Compiling the buildpack's patterns only at their first use would
save at most half of that, even if none of them were ever used: libraries compile the others at their import.
"""

import marshal
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("patterns.bin")
INTERPRETER = [sys.hexversion, sys.byteorder]
"""Identifies the interpreter that a table is for."""

Pattern = str | bytes
Row = tuple[int, bytes, int, dict[str, int]]
"""A compiled pattern: its final flags, its code in words of 32 bits, the number of groups, and number by group name."""


def use_compiled(table: Path) -> None:
    """Make ``re`` take patterns from ``table``, if it exists and is for this interpreter, instead of compiling them."""
    try:
        interpreter, rows = marshal.loads(table.read_bytes())  # noqa: S302 - it is part of the package, as bytecode is
    except (OSError, EOFError, ValueError, TypeError):
        # A checkout has no table; without a usable one, patterns are compiled as usual.
        return
    if interpreter != INTERPRETER:
        return
    compiler: Any = import_module("re._compiler")
    sre: Any = import_module("_sre")
    compile_anew = compiler.compile

    def compile_pattern(pattern: Pattern, flags: int = 0) -> re.Pattern[Any]:
        row: Row | None = rows.get((pattern, flags))
        if row is None:
            return compile_anew(pattern, flags)  # type: ignore[no-any-return]
        final, code, groups, numbers = row
        names = {number: name for name, number in numbers.items()}
        by_number = tuple(map(names.get, range(groups + 1)))
        return sre.compile(pattern, final, memoryview(code).cast("I").tolist(), groups, numbers, by_number)  # type: ignore[no-any-return]

    compiler.compile = compile_pattern
