"""Puts the bytecode of the buildpack's own modules into one file, from which a build imports them."""

import marshal
from collections.abc import Iterable, Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from devkit.packaging.write_patterns import MARSHAL
from python_buildpack.support.stored_modules import BYTE_ORDER, SIZE, STORED, Row

HEADER = 16
"""Bytes before the code in a .pyc (PEP 552)."""
FIRST = ("python_buildpack/__init__.py", "python_buildpack/__main__.py")
"""Imported before the file is in use, as all in ``support`` that is needed to read it."""
READERS = ("__init__.py", "patterns.py", "stored_modules.py")


def store_modules(site_packages: Path, packages: Iterable[str]) -> None:
    """Write the bytecode of all modules of ``packages`` into the file, and remove the .pyc of each.

    What a build imports first keeps its own. The bytecode is that of the interpreter which made the .pyc files.
    """
    first = {*FIRST, *(f"python_buildpack/support/{name}" for name in READERS)}
    rows: dict[str, Row] = {}
    codes = bytearray()
    magic = b""
    for source, compiled in _compiled(site_packages, packages):
        content = compiled.read_bytes()
        magic, code = content[: len(MAGIC_NUMBER)], content[HEADER:]
        rows[_module_name(source)] = (len(codes), len(code), source)
        codes += code
        if source not in first:
            compiled.unlink()
    index = marshal.dumps((magic, rows), MARSHAL)
    (site_packages / "python_buildpack" / "support" / STORED.name).write_bytes(
        len(index).to_bytes(SIZE, BYTE_ORDER) + index + codes
    )


def _compiled(site_packages: Path, packages: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Yield the path of each source, relative to ``site_packages``, with its .pyc."""
    for package in packages:
        for source in sorted((site_packages / package).rglob("*.py")):
            for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
                yield source.relative_to(site_packages).as_posix(), compiled


def _module_name(source: str) -> str:
    return source.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
