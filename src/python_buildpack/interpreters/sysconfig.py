"""Corrects the build settings of an interpreter, which contain upstream's prefix /install and upstream's compilers.

These settings are used to build extension modules: by setuptools (``_sysconfigdata``), uWSGI and others
(``Makefile``), CMake and Meson (``pkgconfig``), and scripts (``python3-config``).
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from python_buildpack.interpreters.archive import ArchiveCorrupt

BUILT_FOR = "/install"

_C_COMPILERS = re.compile(r"(?:\S*/)?(?:clang(?:-\d+)?|musl-clang)|/usr/bin/\S*-gcc")
_CXX_COMPILERS = re.compile(r"(?:\S*/)?(?:clang\+\+(?:-\d+)?|\S*-g\+\+)")
_C_VARIABLES = frozenset({"CC", "LDSHARED", "BLDSHARED", "LINKCC"})
_CXX_VARIABLES = frozenset({"CXX", "LDCXXSHARED"})
_FLAGS = re.compile(r"OPT|\w*(?:CFLAGS|CXXFLAGS)")
_DEBUG_INFORMATION = "-g"
"""Removed: debugging information is most of the size of an extension module and contains the path of the build
directory, so no two builds would be equal."""
_MAKEFILE_VARIABLE = re.compile(r"^(?P<name>[A-Z_]+)(?P<equals>=[ \t]*)(?P<value>.*)$", re.MULTILINE)
_PC_PREFIX = re.compile(r"^prefix=.*$", re.MULTILINE)


def patch_sysconfig(prefix: Path, final: Path) -> None:
    """Set the prefix ``final`` and the compiler ``cc`` in all build settings of the tree at ``prefix``.

    A second call changes nothing. Raises ArchiveCorrupt if a file does not have the format that CPython writes.
    """
    relocation = _Relocation(final)
    for path in prefix.glob("lib/python3*/_sysconfigdata_*.py"):
        _rewrite(path, _patched_module(path, relocation))
    for path in _json_files(prefix):
        _rewrite(path, _patched_json(path, relocation))
    for path in prefix.glob("lib/python3*/config-*/Makefile"):
        _rewrite(path, _patched_makefile(_read(path), relocation))
    for path in prefix.glob("lib/pkgconfig/*.pc"):
        # Relative to the file, so that it stays right if the directory is moved or mounted elsewhere.
        _rewrite(path, relocation.text(_PC_PREFIX.sub("prefix=${pcfiledir}/../..", _read(path))))
    for pattern in ("bin/*-config", "lib/python3*/config-*/python-config.py"):
        for path in prefix.glob(pattern):
            if not path.is_symlink():
                _rewrite(path, relocation.text(_read(path)))


class _Relocation:
    """Replaces upstream's prefix by the final path."""

    def __init__(self, final: Path) -> None:
        self._final = str(final)
        # As a whole word, or after -L, -I and -R; not ./install, /usr/bin/install or install-sh. And not if it is
        # the beginning of the final path, which was put there before.
        rest = self._final.removeprefix(BUILT_FOR)
        done = f"(?!{re.escape(rest)})" if rest != self._final else ""
        self._pattern = re.compile(rf"(?:(?<![\w./+-])|(?<=-[LIR])){BUILT_FOR}(?![\w.+-]){done}")

    def text(self, text: str) -> str:
        return self._pattern.sub(lambda _: self._final, text)


def _json_files(prefix: Path) -> Iterator[Path]:
    """Yield the JSON files that Python 3.14 and later also have (PEP 739)."""
    yield from prefix.glob("lib/python3*/_sysconfig_vars_*.json")
    yield from prefix.glob("lib/python3*/build-details.json")


def _patched_module(path: Path, relocation: _Relocation) -> str:
    try:
        (assignment,) = ast.parse(_read(path)).body
        variables = ast.literal_eval(assignment.value)  # type: ignore[attr-defined] # other statements have none
        patched = _patched_variables(variables, relocation)
    except (SyntaxError, ValueError, TypeError, AttributeError) as error:
        raise ArchiveCorrupt(path.name, "it is not a table of build settings") from error
    lines = "".join(f" {name!r}: {value!r},\n" for name, value in patched.items())
    return f"# system configuration generated and used by the sysconfig module\nbuild_time_vars = {{\n{lines}}}\n"


def _patched_variables(variables: Mapping[str, Any], relocation: _Relocation) -> dict[str, Any]:
    patched = {name: _patched_value(name, value, relocation) for name, value in variables.items()}
    # setuptools and others read this variable if they must handle such a build differently.
    return {**patched, "PYTHON_BUILD_STANDALONE": 1}


def _patched_value(name: str, value: object, relocation: _Relocation) -> object:
    return _patched_compiler(name, relocation.text(value)) if isinstance(value, str) else value


def _patched_compiler(name: str, value: str) -> str:
    """Return the value with the usual names of compilers (``cc``, ``c++``, ``ar``) in place of upstream's."""
    if name == "AR":
        return "ar"
    if name in _C_VARIABLES:
        return _with_words_replaced(value, _C_COMPILERS, "cc")
    if name in _CXX_VARIABLES:
        return _with_words_replaced(value, _CXX_COMPILERS, "c++")
    if _FLAGS.fullmatch(name):
        return " ".join(word for word in value.split(" ") if word != _DEBUG_INFORMATION)
    return value


def _with_words_replaced(value: str, pattern: re.Pattern[str], replacement: str) -> str:
    return " ".join(replacement if pattern.fullmatch(word) else word for word in value.split(" "))


def _patched_json(path: Path, relocation: _Relocation) -> str:
    try:
        document = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise ArchiveCorrupt(path.name, "it is not valid JSON") from error
    if path.name.startswith("_sysconfig_vars"):
        document = _patched_variables(document, relocation)
    return relocation.text(json.dumps(document, indent=2)) + "\n"


def _patched_makefile(text: str, relocation: _Relocation) -> str:
    def patched(match: re.Match[str]) -> str:
        return match["name"] + match["equals"] + _patched_compiler(match["name"], match["value"])

    return _MAKEFILE_VARIABLE.sub(patched, relocation.text(text))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def _rewrite(path: Path, text: str) -> None:
    """Replace the content atomically, so that an interrupted build leaves no incomplete file."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8", errors="surrogateescape")
    partial.chmod(path.stat().st_mode)
    partial.replace(path)
