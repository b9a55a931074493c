"""The inline metadata of a script (PEP 723): the Python and the dependencies of an app that is one file. Pure."""

import re
from typing import Any

from python_buildpack.app.documents import parse_toml
from python_buildpack.app.file_roles import is_usual_name
from python_buildpack.app.known_files import SCRIPT_METADATA, is_known
from python_buildpack.app.project import Project

LOCK_SUFFIX = ".lock"
LOCKS = f"*.py{LOCK_SUFFIX}"
"""The lock of a script, as ``uv lock --script`` names it."""
_VERSION_FILES = frozenset({"runtime.txt", ".python-version"})
_BLOCK = re.compile(rf"(?m)^{SCRIPT_METADATA}[ \t]*\r?\n(?P<content>(?:^#(?:| [^\n]*)\r?\n)+?)^# ///[ \t]*\r?$")


def find_script(project: Project) -> str | None:
    """Return the script in the app's root directory that declares its dependencies, if no file of a project does.

    Of several scripts, the only one with a usual name (main.py, app.py) is taken; None if that leaves several.
    """
    if any(is_known(name) and not _is_beside_script(name) for name in project.files if "/" not in name):
        return None
    scripts = [path for path, text in project.sources.items() if "/" not in path and _BLOCK.search(text)]
    usual = [path for path in scripts if is_usual_name(path)]
    chosen = scripts if len(scripts) == 1 else usual
    return chosen[0] if len(chosen) == 1 else None


def read_metadata(project: Project, script: str) -> dict[str, Any]:
    """Return the metadata of a script. Raises ProjectFileInvalid."""
    match = _BLOCK.search(project.sources.get(script, ""))
    lines = match["content"].splitlines() if match else []
    text = "".join(f"{line[2:]}\n" for line in lines)
    return parse_toml(text, f"{script} (script metadata)", "Correct the lines between # /// script and # ///.")


def _is_beside_script(name: str) -> bool:
    return name in _VERSION_FILES or name.endswith(f".py{LOCK_SUFFIX}")
