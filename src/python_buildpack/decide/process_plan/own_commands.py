"""The app's own commands (``[project.scripts]``), which are in the image only if the app itself is installed."""

import re
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import read_toml, string, table
from python_buildpack.decide.process_plan.runners.task_text import CALLABLE
from python_buildpack.decide.processes.interface import Evidence

PYPROJECT = "pyproject.toml"
TABLES = (("project", ("scripts", "gui-scripts")), ("tool.poetry", ("scripts",)))
"""Where a project's name stands, and below it its commands."""


def own_tables(evidence: Evidence) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of the app's own distribution ("" if it has none) and the commands that it defines."""
    document = read_toml(evidence.project, PYPROJECT) or {}
    for keys, scripts in TABLES:
        path = tuple(keys.split("."))
        name = string(document, PYPROJECT, *path, "name") or ""
        for key in scripts:
            yield canonicalize_name(name), table(document, PYPROJECT, *path, key)


def uninstalled_command(name: str, evidence: Evidence) -> re.Match[str] | None:
    """Return module and function of a command of the app's own that is not in the image, as the app is not installed.

    None for any other program, and where the module is not importable from the app directory.
    """
    for distribution, scripts in own_tables(evidence):
        value = scripts.get(name)
        found = CALLABLE.fullmatch(value) if isinstance(value, str) else None
        if found is None or evidence.has(distribution, canonicalize_name(name)):
            continue
        top = found["module"].partition(".")[0]
        if f"{top}.py" in evidence.project.files or top in evidence.project.directories:
            return found
    return None
