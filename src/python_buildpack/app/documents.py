"""Parses the TOML and JSON files of an app, and explains errors in them."""

from functools import lru_cache
from typing import Any

from cnb.errors import BuildpackError
from cnb.toml_files import loads
from python_buildpack.app.project import Project
from python_buildpack.support.toml_words import type_name

PYPROJECT = "pyproject.toml"
PROJECT_FILES = (PYPROJECT, "setup.py", "setup.cfg")
"""By one of these a directory is a project that can be installed."""


class ProjectFileInvalid(BuildpackError):
    """A file of the app does not follow its format: it has a syntax error, or a value of the wrong type."""

    code = "project-file-invalid"
    title = "A file of the app does not follow its format"


def read_toml(project: Project, path: str) -> dict[str, Any] | None:
    """Return the document of a TOML file of the app, or None if there is no such file.

    Raises ProjectFileUnreadable, and ProjectFileInvalid with the line and column of a syntax error.
    """
    text = project.text(path)
    cure = f"Correct {path}; the position above is where reading stopped."
    return None if text is None else parse_toml(text, path, cure)


def parse_toml(text: str, path: str, cure: str) -> dict[str, Any]:
    """Return the document in the text of the file ``path``.

    Raises ProjectFileInvalid, with the line and column of a syntax error and the ``cure``.
    """
    try:
        return _parsed(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: a number with thousands of digits raises another ValueError.
        raise ProjectFileInvalid(f"{path} is not valid TOML: {error}.", cure) from error


def parse_json(text: str, path: str, cure: str) -> Any:  # noqa: ANN401 - any value of JSON
    """Return the value in the text of the file ``path``. Raises ProjectFileInvalid, with the place and the ``cure``."""
    import json  # noqa: PLC0415 - most apps have no such file

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProjectFileInvalid(f"{path} is not valid JSON: {error}.", cure) from error


@lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    """Return the document; the same one each time, because a dozen decisions of a build ask for pyproject.toml.

    Nothing may change it. Raises ValueError and RecursionError.
    """
    return loads(text)


def table(document: dict[str, Any], path: str, *keys: str) -> dict[str, Any]:
    """Return the table at ``keys``; empty if it is absent. Raises ProjectFileInvalid if the value is not a table."""
    found = document
    for depth, key in enumerate(keys):
        value = found.get(key, {})
        if not isinstance(value, dict):
            name = ".".join(keys[: depth + 1])
            raise ProjectFileInvalid(
                f"{path}: {name} is {type_name.get(type(value), 'a value')}, but a table belongs there.",
                f"Write it as [{name}] in {path}.",
            )
        found = value
    return found


def tables(document: dict[str, Any], path: str, key: str, cure: str) -> list[dict[str, Any]]:
    """Return the array of tables at ``key``; empty if it is absent. Raises ProjectFileInvalid for anything else."""
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ProjectFileInvalid(f"{path}: {key} is not a list of tables.", cure)
    return found


def pyproject_table(project: Project, *keys: str) -> dict[str, Any]:
    """Return a table of pyproject.toml, empty if there is none. Raises ProjectFileInvalid, ProjectFileUnreadable."""
    return table(read_toml(project, PYPROJECT) or {}, PYPROJECT, *keys)


def string(document: dict[str, Any], path: str, *keys: str) -> str | None:
    """Return the string at ``keys``, or None if it is absent. Raises ProjectFileInvalid for a value of another type."""
    found = table(document, path, *keys[:-1]).get(keys[-1])
    if found is None or isinstance(found, str):
        return found
    name = ".".join(keys)
    in_quotes = f'Put the value of {name} in quotes: {keys[-1]} = "{found}".'
    raise ProjectFileInvalid(
        f"{path}: {name} is {type_name.get(type(found), 'a value')}, but a string belongs there.",
        f"Write one string in quotes as the value of {name}." if isinstance(found, list | dict) else in_quotes,
    )


def subtable(document: object, *keys: str) -> dict[str, Any]:
    """Return the table at ``keys``; empty where there is none, or anything else.

    For values that only add to a decision: the code that needs the value reports what is wrong with it.
    """
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def strings(value: object) -> list[str]:
    """Return the strings in a list; empty for anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
