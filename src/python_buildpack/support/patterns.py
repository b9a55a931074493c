"""Regular expressions that were compiled when the package was made, as its bytecode was.

Python keeps the bytecode of a module and compiles its regular expressions anew at every start. No public way keeps
them: a pickle of a pattern holds its text alone. ``use_compiled`` therefore goes by CPython's ``re._compiler`` and
``_sre``, which are nobody's interface; it is the only function that is shipped which does. The package's own
interpreter writes the table (``devkit/packaging/write_patterns.py``), any other passes it over, and a checkout has
none. ``==`` of patterns compares what was compiled: by that a test holds the table to what compiling gives, for each
version of CPython that it names.

What a build in which nothing has changed compiles while it imports (CPython 3.13.0, CPU time, least of 15 runs):

=================  ========  ===========
imported by        patterns  milliseconds
=================  ========  ===========
the buildpack            92         13.1
packaging                28          7.0
standard library         35          3.8
tomlkit                   6          1.5
all, anew               161         25.4
all, of the table       161          1.3
=================  ========  ===========

The last row includes 0.5 ms for reading the table. Compiling those of the buildpack at their first use instead would
save half of that at the very most, were none of them ever used: the others are made by libraries at their import.
"""

import marshal
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("patterns.bin")
INTERPRETER = [sys.hexversion, sys.byteorder]
"""Whom a table is for."""

Pattern = str | bytes
Row = tuple[int, bytes, int, dict[str, int]]
"""Of a pattern: its flags as compiled, its code in words of 32 bits, how many groups, and the numbers of named ones."""


def use_compiled(table: Path) -> None:
    """Have ``re`` look into ``table`` before it compiles, where there is one that is for this interpreter."""
    try:
        interpreter, rows = marshal.loads(table.read_bytes())  # noqa: S302 - it is part of the package, as bytecode is
    except (OSError, EOFError, ValueError, TypeError):
        # A checkout has none; one that is damaged costs time alone.
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
