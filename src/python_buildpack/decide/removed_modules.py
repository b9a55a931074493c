"""Notices about imports of modules that the app's Python version, or its packages, no longer have. Pure."""

import ast
import re
from collections.abc import Callable, Iterator

from packaging.requirements import Requirement
from packaging.version import Version

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.app.syntax import Unparsed, parse
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.installed.imports.stdlib_modules import LOST
from python_buildpack.installed.imports.stdlib_names import LOST_NAMES
from python_buildpack.installed.imports.substitutes import SUBSTITUTES
from python_buildpack.ports.notice import Notice

_NAMES = {whole: since for whole, since in LOST_NAMES.items() if whole.count(".") == 1}
"""Names that modules lost, of those that are no packages: ``collections.Mapping``."""
_WORD = re.compile(
    rf"^[ \t]*(?:import|from)[ \t]+(?:{'|'.join([*LOST, 'pkg_resources'])})\b"
    rf"|^from[ \t]+(?:{'|'.join(sorted({whole.partition('.')[0] for whole in _NAMES}))})[ \t]+import[ \t]*"
    rf"(?:\([^)]*|[^\n]*)\b(?:{'|'.join(sorted({whole.partition('.')[2] for whole in _NAMES}))})\b",
    re.MULTILINE,
)


def removed_imports(
    project: Project,
    minor: str,
    installed: InstalledDistributions,
    is_left_out: Callable[[str], bool] = lambda _: False,
) -> tuple[Notice, ...]:
    """Return a notice for every module, or name of one, that the app imports and that does not exist.

    ``is_left_out`` says of a file that no project which is installed has it.
    """
    missing: dict[str, str] = {}
    for path, module in lost_imports(project, minor, installed):
        if not is_left_out(path):
            missing.setdefault(module, path)
    return tuple(_notice(module, path, minor) for module, path in sorted(missing.items()))


def lost_imports(project: Project, minor: str, installed: InstalledDistributions) -> Iterator[tuple[str, str]]:
    """Yield file and module, or name of a module, for each import of what does not exist on a Python.

    Imports inside of ``try`` are ignored, and so are modules that are files of the app.
    """
    lost = {module for module, since in {**LOST, **_NAMES}.items() if Version(minor) >= Version(since)}
    gone = {"pkg_resources", *lost}
    for path, source in project.sources.items():
        if _WORD.search(source) and not is_test_or_example(path) and not is_aside(path):
            for module in _imports(source):
                if module in gone and not _is_there(module, project, installed):
                    yield path, module


def _notice(module: str, path: str, minor: str) -> Notice:
    since = since_when(module)
    why = f"Python {since} and newer no longer have it" if since else "no installed package has it"
    older = f", or ask for a Python before {since} in .python-version" if since else ""
    substitute = SUBSTITUTES.get(module)
    other = "another name" if module in _NAMES else "another module"
    cure = f"add {substitute} to the dependencies" if substitute else f"use {other}"
    return Notice(
        f"{path} imports {module}, which is not there",
        f"{why}, and the app runs on {minor}. To fix it, {cure}{older}.",
    )


def since_when(module: str) -> str | None:
    """Return the first Python without a module, or a name of one; None if it depends on no Python."""
    return LOST.get(module) or _NAMES.get(module)


def _is_there(module: str, project: Project, installed: InstalledDistributions) -> bool:
    own = (f"{module}.py", f"{module}/__init__.py", f"src/{module}.py", f"src/{module}/__init__.py")
    return _has_substitute(module, installed) or any(name in project.files for name in own)


def _has_substitute(module: str, installed: InstalledDistributions) -> bool:
    if module not in SUBSTITUTES:
        return False
    wanted = Requirement(SUBSTITUTES[module])
    version = installed.version(wanted.name)
    if version is None and installed.has(wanted.name):
        # Before the installation only the name is known: the newest version is taken.
        return all(part.operator in {">=", ">", "!="} for part in wanted.specifier)
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
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
