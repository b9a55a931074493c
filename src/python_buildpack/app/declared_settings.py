"""Reads [tool.terrarium] of an app's pyproject.toml.

A build needs its settings before it reads the app, so this reads the one file by itself. Its document is remembered
(``documents.py``), so that it is parsed once; a file without the word is not parsed.
"""

import posixpath
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_buildpack.app.documents import PYPROJECT, ProjectFileInvalid, parse_toml, subtable
from python_buildpack.app.file_roles import is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.app.texts import read_manifest
from python_buildpack.settings.declared import NOTHING, TABLE, Declared, read_declared

_WORD = "terrarium"
_HEADER = re.compile(r"""^[ \t]*\[[ \t]*["']?tool["']?[ \t]*\.[ \t]*["']?terrarium\b""", re.MULTILINE)
_MOST_CHARACTERS = 1_000_000
"""How many are parsed for the line of one value, in all beginnings of the document: about a third of a second."""


def declared_settings(app: Path, upload: Path, folder: str = "") -> Declared:
    """Return the settings that the pyproject.toml in a folder of the app declares, relative to the app directory.

    Raises ProjectFileInvalid for a file with this table that is not TOML. What cannot be read has none: the error is
    raised where the file is needed.
    """
    file = posixpath.join(folder, PYPROJECT)
    try:
        text = read_manifest(app / file, upload)
    except ValueError:
        return NOTHING
    if not isinstance(text, str) or _WORD not in text:
        return NOTHING
    try:
        document = parse_toml(text, file, f"Correct {file}; the position above is where reading stopped.")
    except ProjectFileInvalid:
        # Without the table, other code knows whether the file matters.
        if _HEADER.search(text):
            raise
        return NOTHING
    if _WORD not in subtable(document, "tool"):
        return NOTHING
    return read_declared(document["tool"][_WORD], file, lambda keys: line_of(text, ("tool", _WORD, *keys)))


def tables_elsewhere(project: Project, declared: Declared) -> Iterator[str]:
    """Yield a sentence for each pyproject.toml of a folder whose table has no effect."""
    for path, text in sorted(project.texts.items()):
        folder, _, name = path.rpartition("/")
        is_other = folder and name == PYPROJECT and path not in declared.files and not is_test_or_example(path)
        if is_other and isinstance(text, str) and _HEADER.search(text):
            yield f"{path} has {TABLE}, which is not read: only the pyproject.toml of the app's own folder is."


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """Return the line of a TOML document, which is valid, on which the value at some keys is written.

    In whichever notation: as a table, with dots, in an inline table. So the shortest beginning of the document is
    looked for that has the value, and of that the last line before which it is a document, too. In a document that is
    too large for that, it is the first line that has the key in it.
    """
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines, start=1) if not keys or keys[-1] in line), 1)
    begun, left = first, _MOST_CHARACTERS
    for end in range(first, len(lines) + 1):
        beginning = "\n".join(lines[:end])
        left -= len(beginning)
        if left < 0:
            break
        document = _document(beginning)
        if document is not None and _has(document, keys):
            return begun
        begun = begun if document is None else end + 1
    return first


def _document(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _has(found: Any, keys: tuple[str, ...]) -> bool:  # noqa: ANN401 - values of TOML
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    return True
