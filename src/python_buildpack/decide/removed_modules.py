"""Notices about imports of modules that the app's Python version, or its packages, no longer have. Pure."""

import ast
import re
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.version import Version

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.app.syntax import Unparsed, parse
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.installed.imports.stdlib_modules import LOST
from python_buildpack.installed.imports.substitutes import SUBSTITUTES
from python_buildpack.ports.notice import Notice

_WORD = re.compile(rf"^[ \t]*(?:import|from)[ \t]+(?:{'|'.join([*LOST, 'pkg_resources'])})\b", re.MULTILINE)


def removed_imports(project: Project, minor: str, installed: InstalledDistributions) -> tuple[Notice, ...]:
    """Return a notice for every module that the app imports and that does not exist.

    Imports inside of ``try`` are ignored, and so are modules that are files of the app.
    """
    gone = {"pkg_resources", *(module for module, since in LOST.items() if Version(minor) >= Version(since))}
    missing: dict[str, str] = {}
    for path, source in project.sources.items():
        if _WORD.search(source) and not is_test_or_example(path) and not is_aside(path):
            for module in _imports(source):
                if module in gone and not _is_there(module, project, installed):
                    missing.setdefault(module, path)
    return tuple(_notice(module, path, minor) for module, path in sorted(missing.items()))


def _notice(module: str, path: str, minor: str) -> Notice:
    since = LOST.get(module)
    why = f"Python {since} and newer no longer have it" if since else "no installed package has it"
    older = f", or ask for a Python before {since} in .python-version" if since else ""
    substitute = SUBSTITUTES.get(module)
    cure = f"add {substitute} to the dependencies" if substitute else "use another module"
    return Notice(
        f"{path} imports {module}, which is not there",
        f"{why}, and the app runs on {minor}. To fix it, {cure}{older}.",
    )


def _is_there(module: str, project: Project, installed: InstalledDistributions) -> bool:
    own = (f"{module}.py", f"{module}/__init__.py", f"src/{module}.py", f"src/{module}/__init__.py")
    return _has_substitute(module, installed) or any(name in project.files for name in own)


def _has_substitute(module: str, installed: InstalledDistributions) -> bool:
    if module not in SUBSTITUTES:
        return False
    wanted = Requirement(SUBSTITUTES[module])
    version = installed.version(wanted.name)
    return version is not None and wanted.specifier.contains(version, prereleases=True)


def _imports(source: str) -> Iterator[str]:
    tree = parse(source)
    if isinstance(tree, Unparsed):
        return
    # Module-level imports only: those in a function or a ``try`` may never run.
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (name for alias in node.names for name in (alias.name.partition(".")[0], alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (node.module.partition(".")[0], node.module)
