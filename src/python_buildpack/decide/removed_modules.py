"""Notices about imports of modules that the app's Python version, or its packages, no longer have. Pure."""

import ast
import re
from collections.abc import Iterator, Mapping

from packaging.requirements import Requirement
from packaging.version import Version

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.app.syntax import Unparsed, parse
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.notice import Notice

REMOVED: Mapping[str, str] = {
    "formatter": "3.10",
    "parser": "3.10",
    "symbol": "3.10",
    "binhex": "3.11",
    "asynchat": "3.12",
    "asyncore": "3.12",
    "distutils": "3.12",
    "imp": "3.12",
    "smtpd": "3.12",
    "aifc": "3.13",
    "audioop": "3.13",
    "cgi": "3.13",
    "cgitb": "3.13",
    "chunk": "3.13",
    "crypt": "3.13",
    "imghdr": "3.13",
    "lib2to3": "3.13",
    "mailcap": "3.13",
    "msilib": "3.13",
    "nis": "3.13",
    "nntplib": "3.13",
    "ossaudiodev": "3.13",
    "pipes": "3.13",
    "sndhdr": "3.13",
    "spwd": "3.13",
    "sunau": "3.13",
    "telnetlib": "3.13",
    "uu": "3.13",
    "xdrlib": "3.13",
}
"""Modules of the standard library → first Python without it (What's New in Python 3.10 to 3.13; PEP 594, PEP 632)."""

SUBSTITUTES: Mapping[str, str] = {
    "asynchat": "pyasynchat",
    "asyncore": "pyasyncore",
    "audioop": "audioop-lts",
    "cgi": "legacy-cgi",
    "cgitb": "legacy-cgi",
    "crypt": "legacycrypt",
    "distutils": "setuptools",
    "imp": "zombie-imp",
    "pkg_resources": "setuptools<82",
    "telnetlib": "telnetlib3",
}
"""Modules → the distribution that provides them, or a substitute."""

_WORD = re.compile(rf"^[ \t]*(?:import|from)[ \t]+(?:{'|'.join([*REMOVED, 'pkg_resources'])})\b", re.MULTILINE)


def removed_imports(project: Project, minor: str, installed: InstalledDistributions) -> tuple[Notice, ...]:
    """Return a notice for every module that the app imports and that does not exist.

    Imports inside of ``try`` are ignored, and so are modules that are files of the app.
    """
    gone = {"pkg_resources", *(module for module, since in REMOVED.items() if Version(minor) >= Version(since))}
    missing: dict[str, str] = {}
    for path, source in project.sources.items():
        if _WORD.search(source) and not is_test_or_example(path) and not is_aside(path):
            for module in _imports(source):
                if module in gone and not _is_there(module, project, installed):
                    missing.setdefault(module, path)
    return tuple(_notice(module, path, minor) for module, path in sorted(missing.items()))


def _notice(module: str, path: str, minor: str) -> Notice:
    since = REMOVED.get(module)
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
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]
