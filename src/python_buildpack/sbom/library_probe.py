"""A program that prints the C libraries of the interpreter that runs it, as a JSON object of version by name.

Scanners do not find libraries that are linked into the interpreter. The version is what the library itself gives, or
null if it gives none. The program needs only the standard library, and runs on Python 3.8 and newer.
"""

from __future__ import annotations

import ctypes
import glob
import importlib
import json
import mmap
import re
import sys
from types import ModuleType


def _openssl(module: ModuleType) -> tuple[str, str | None]:
    # "OpenSSL 3.0.15 3 Sep 2024". Some systems build Python with LibreSSL or AWS-LC.
    name, version = module.OPENSSL_VERSION.split()[:2]
    return name.lower(), version


def _sqlite(module: ModuleType) -> tuple[str, str | None]:
    return "sqlite", module.sqlite_version


def _zlib(module: ModuleType) -> tuple[str, str | None]:
    next_generation = getattr(module, "ZLIBNG_VERSION", None)
    return ("zlib-ng", next_generation) if next_generation else ("zlib", module.ZLIB_RUNTIME_VERSION)


def _expat(module: ModuleType) -> tuple[str, str | None]:
    return "expat", module.EXPAT_VERSION.split("_")[-1]


def _libffi(module: ModuleType) -> tuple[str, str | None]:
    # The function exists since libffi 3.5.0.
    return "libffi", _call(module, "ffi_get_version")


def _xz(module: ModuleType) -> tuple[str, str | None]:
    return "xz", _call(module, "lzma_version_string")


def _bzip2(module: ModuleType) -> tuple[str, str | None]:
    version = _call(module, "BZ2_bzlibVersion") or _text_inside(module, rb"1\.0\.\d+, \d+-[A-Z][a-z]{2}-\d{4}")
    return "bzip2", version.split(",")[0] if version else None


def _zstd(module: ModuleType) -> tuple[str, str | None]:
    return "zstd", module.zstd_version


def _libmpdec(module: ModuleType) -> tuple[str, str | None]:
    return "mpdecimal", getattr(module, "__libmpdec_version__", None)


def _ncurses(module: ModuleType) -> tuple[str, str | None]:
    version = getattr(module, "ncurses_version", None)
    return "ncurses", "{}.{}.{}".format(*version[:2], version[2]) if version else None


def _readline(module: ModuleType) -> tuple[str, str | None]:
    if "libedit" in (module.__doc__ or ""):
        return "libedit", None
    return "readline", getattr(module, "_READLINE_LIBRARY_VERSION", None)


def _dbm(module: ModuleType) -> tuple[str, str | None]:
    if module.library != "Berkeley DB":
        return "gdbm" if "GNU" in module.library else "ndbm", None
    text = _text_inside(module, rb"Berkeley DB \d+\.\d+\.\d+:")
    return "berkeley-db", text.split()[-1].rstrip(":") if text else None


def _gdbm(module: ModuleType) -> tuple[str, str | None]:
    return "gdbm", ".".join(map(str, module._GDBM_version))  # noqa: SLF001 - there is no public name


def _uuid(module: ModuleType) -> tuple[str, str | None]:
    del module
    return "libuuid", None


def _tcl(module: ModuleType) -> tuple[str, str | None]:
    return "tcl", module.TCL_VERSION


_PROBES = {
    "ssl": _openssl,
    "sqlite3": _sqlite,
    "zlib": _zlib,
    "pyexpat": _expat,
    "_ctypes": _libffi,
    "_lzma": _xz,
    "_bz2": _bzip2,
    "_zstd": _zstd,
    "_decimal": _libmpdec,
    "_curses": _ncurses,
    "readline": _readline,
    "_dbm": _dbm,
    "_gdbm": _gdbm,
    "_uuid": _uuid,
    "_tkinter": _tcl,
}
"""Module → the function that finds the library it uses. If the module cannot be imported, the library is not used."""


def _call(module: ModuleType, function: str) -> str | None:
    """Return the result of a library's function, or None: it cannot be called if linked into the interpreter itself."""
    path = getattr(module, "__file__", None)
    try:
        version = getattr(ctypes.CDLL(path), function) if path else None
    except (OSError, AttributeError):
        return None
    if version is None:
        return None
    version.restype = ctypes.c_char_p
    answer = version()
    return answer.decode("ascii", "replace") if answer else None


def _text_inside(module: ModuleType, pattern: bytes) -> str | None:
    """Return text that matches ``pattern`` in the file with the module: some versions are only in error messages."""
    for path in _binaries(module):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:  # noqa: PTH123
            found = re.search(pattern, content)
            if found:
                return found.group().decode("ascii")
    return None


def _binaries(module: ModuleType) -> list[str]:
    path = getattr(module, "__file__", None)
    return [path] if path else [sys.executable, *sorted(glob.glob(f"{sys.base_prefix}/lib/libpython*.so.1.0"))]  # noqa: PTH207


def libraries() -> dict[str, str | None]:
    """Return the version of each library by name; the first version that a module gives is used."""
    found: dict[str, str | None] = {}
    for name, probe in _PROBES.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        library, version = probe(module)
        if found.get(library) is None:
            found[library] = version
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(libraries(), sort_keys=True) + "\n")
