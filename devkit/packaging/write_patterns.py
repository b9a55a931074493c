"""Writes the table of compiled regular expressions; run by the interpreter of a package, which has no devkit.

Arguments: the site-packages of the package, and the names of our packages in it.
"""

import importlib
import marshal
import pkgutil
import re
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARSHAL = 2
"""The last version of the format in which nothing shows of what else the process holds."""
NOT_IMPORTED = ("__main__", "exec_d_helper", "bytecode_compiler", "_model", ".model", ".models")
"""Programs, as running them is their only use; and pydantic's models, as no unchanged build needs their patterns."""


def import_all(site_packages: Path, packages: list[str]) -> None:
    """Import all of ours, and what our functions import when they need it."""
    importlib.import_module("requests")
    for package in packages:
        modules = pkgutil.walk_packages([str(site_packages / package)], f"{package}.")
        for name in sorted(module.name for module in modules):
            if not name.endswith(NOT_IMPORTED):
                importlib.import_module(name)


def compiled_while(imports: Callable[[], None]) -> dict[tuple[str | bytes, int], re.Pattern[Any]]:
    """Return the patterns that are compiled while ``imports`` runs, by their text and the flags that were asked for."""
    compiler: Any = importlib.import_module("re._compiler")
    compile_anew = compiler.compile
    made: dict[tuple[str | bytes, int], re.Pattern[Any]] = {}

    def compile_pattern(pattern: str | bytes, flags: int = 0) -> re.Pattern[Any]:
        compiled = compile_anew(pattern, flags)
        if type(pattern) in {str, bytes}:
            made[pattern, int(flags)] = compiled
        return compiled  # type: ignore[no-any-return]

    compiler.compile = compile_pattern
    try:
        imports()
    finally:
        compiler.compile = compile_anew
    return made


def write_patterns(site_packages: Path, packages: list[str]) -> None:
    """Write the table that ``python_buildpack.support.patterns`` of ``site_packages`` uses."""
    sys.path.insert(0, str(site_packages))
    made = compiled_while(lambda: import_all(site_packages, packages))
    patterns: Any = importlib.import_module("python_buildpack.support.patterns")
    compiler: Any = importlib.import_module("re._compiler")
    parser: Any = importlib.import_module("re._parser")
    rows = {}
    for pattern, flags in sorted(made, key=repr):
        compiled = made[pattern, flags]
        code = array("I", compiler._code(parser.parse(pattern, flags), flags)).tobytes()  # noqa: SLF001
        rows[pattern, flags] = (compiled.flags, code, compiled.groups, dict(compiled.groupindex))
    Path(patterns.TABLE).write_bytes(marshal.dumps((patterns.INTERPRETER, rows), MARSHAL))


if __name__ == "__main__":
    write_patterns(Path(sys.argv[1]), sys.argv[2:])
