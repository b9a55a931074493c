"""Regular expressions that were compiled when the package was made, as its bytecode was.

Python keeps the bytecode of a module and compiles its regular expressions anew at every start. The 150 that are made by
importing what a build needs took a seventh of a build in which nothing has changed, 30 of 210 ms. ``write`` is run when
the package is made, by its own interpreter; ``use`` at every start. A checkout has no table and compiles as usual.

Both go by CPython's ``re._compiler`` and ``_sre``, which are nobody's interface: a table is for one version of the
interpreter, and any other passes it over. ``==`` of patterns compares what was compiled, which a test does for each.
"""

import marshal
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("patterns.bin")
_MARSHAL = 2
"""The last version of the format in which nothing shows of what else the process holds."""
_INTERPRETER = [sys.hexversion, sys.byteorder]

Pattern = str | bytes
Row = tuple[int, bytes, int, dict[str, int]]
"""Of a pattern: its flags as compiled, its code in words of 32 bits, how many groups, and the numbers of named ones."""


def _module(name: str) -> Any:  # noqa: ANN401 - modules that have no types
    return import_module(name)


def use(table: Path) -> None:
    """Have ``re`` look into ``table`` before it compiles, where there is one that is for this interpreter."""
    try:
        interpreter, rows = marshal.loads(table.read_bytes())  # noqa: S302 - it is part of the package, as bytecode is
    except (OSError, EOFError, ValueError, TypeError):
        # A checkout has none; one that is damaged costs time alone.
        return
    if interpreter != _INTERPRETER:
        return
    compiler, sre = _module("re._compiler"), _module("_sre")
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


def write(table: Path, import_all: Callable[[], object]) -> None:
    """Write into ``table`` what is compiled while ``import_all`` runs."""
    from array import array  # noqa: PLC0415 - not at every start

    compiler, parser = _module("re._compiler"), _module("re._parser")
    compile_anew = compiler.compile
    made: dict[tuple[Pattern, int], re.Pattern[Any]] = {}

    def compile_pattern(pattern: Pattern, flags: int = 0) -> re.Pattern[Any]:
        compiled = compile_anew(pattern, flags)
        if type(pattern) in {str, bytes}:
            made[pattern, int(flags)] = compiled
        return compiled  # type: ignore[no-any-return]

    compiler.compile = compile_pattern
    try:
        import_all()
    finally:
        compiler.compile = compile_anew
    rows: dict[tuple[Pattern, int], Row] = {}
    for pattern, flags in sorted(made, key=repr):
        compiled = made[pattern, flags]
        code = array("I", compiler._code(parser.parse(pattern, flags), flags)).tobytes()  # noqa: SLF001
        rows[pattern, flags] = (compiled.flags, code, compiled.groups, dict(compiled.groupindex))
    table.write_bytes(marshal.dumps((_INTERPRETER, rows), _MARSHAL))
