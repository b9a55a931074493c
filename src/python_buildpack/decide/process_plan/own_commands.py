"""The app's own commands (``[project.scripts]``), which are in the image only if the app itself is installed."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from cnb.frozen import frozen
from python_buildpack.app.documents import PYPROJECT, read_toml, string, table
from python_buildpack.decide.process_plan.runners.task_text import CALLABLE
from python_buildpack.decide.processes.interface import Evidence

TABLES = (("project",), ("tool", "poetry"))
"""Where a project's name is, and below it its commands."""


@frozen
class OwnCommands:
    """The commands that a table of pyproject.toml defines: their names → the functions that they call."""

    file: str
    """That pyproject.toml, relative to the app directory."""
    distribution: str
    """The normalised name of the app's own distribution, "" if it has none."""
    scripts: dict[str, Any]
    gui_scripts: dict[str, Any]


def own_commands(evidence: Evidence) -> Iterator[OwnCommands]:
    """Yield the commands of ``[project]``, then those of ``[tool.poetry]``; each may have none.

    Those of the project in the app directory come first, or those of the project that is chosen.
    """
    tops = (own.directory for own in evidence.members.tops) if evidence.members.choice else ()
    others = (own.directory for own in evidence.members.included)
    for directory in dict.fromkeys([*tops, *([] if evidence.members.choice else [""]), *others]):
        file = posixpath.join(directory, PYPROJECT)
        document = read_toml(evidence.project, file) or {}
        for keys in TABLES:
            name = string(document, file, *keys, "name") or ""
            scripts, gui_scripts = (table(document, file, *keys, key) for key in ("scripts", "gui-scripts"))
            yield OwnCommands(file, canonicalize_name(name), scripts, gui_scripts)


def uninstalled_command(name: str, evidence: Evidence) -> re.Match[str] | None:
    """Return module and function of a command of the app's own that is not in the image, as the app is not installed.

    None for any other program, and where the module is not importable from the app directory.
    """
    for own in own_commands(evidence):
        value = {**own.gui_scripts, **own.scripts}.get(name)
        found = CALLABLE.fullmatch(value) if isinstance(value, str) else None
        if found is None or evidence.has(own.distribution, canonicalize_name(name)):
            continue
        top = found["module"].partition(".")[0]
        if f"{top}.py" in evidence.project.files or top in evidence.project.directories:
            return found
    return None
