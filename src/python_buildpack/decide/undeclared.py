"""What to check where an app imports packages and has no file of a package manager, by the files that are there."""

import re
import sys
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.hook_files import HOOKS
from python_buildpack.app.project import Project
from python_buildpack.decide.startup.notices import provider_of
from python_buildpack.installed.imports.stdlib_modules import GAINED, LOST
from python_buildpack.package_managers.project_file import chosen_by
from python_buildpack.package_managers.registry import MANAGERS
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import SUBDIRECTORY

_IMPORT = re.compile(r"^(?:from|import)[ \t]+(?P<name>[A-Za-z_]\w*)(?P<rest>[.\w]*)", re.MULTILINE)
_OF_PYTHON = frozenset({*sys.stdlib_module_names, *GAINED, *LOST, "pkg_resources", "setuptools", "pip"})
_HOOKS = (*HOOKS, ".profile")
_MOST = 8
_IGNORING = (".gitignore", ".dockerignore", ".slugignore", ".cfignore", "project.toml")
"""Files that leave others out of what is uploaded."""


def notice_undeclared(project: Project) -> tuple[Notice, ...]:
    """Return the notice for an app without declared dependencies whose programs at the top import packages."""
    if any(project.has(hook) for hook in _HOOKS):
        return ()
    found = dict(_imports(project))
    if not found:
        return ()
    (module, path), *_ = found.items()
    names = sorted({canonicalize_name(provider_of(name) or name) for name in found})
    there = _names_at_top(project)
    shown = ", ".join(there[:_MOST]) + (f" and {len(there) - _MOST} more" if len(there) > _MOST else "")
    lines = [
        f"{path} imports {module}, and nothing is installed: there is no file of a package manager. Check that",
        f"- this is the right folder, which has {shown}; {SUBDIRECTORY.name}, or pack's --path, chooses another one",
        "- the file has its exact name, in lower case: requirements.txt, pyproject.toml, uv.lock, poetry.lock, Pipfile",
        *_left_out(project),
        "- it is committed, where the platform takes the app from git: git ls-files requirements.txt prints it",
        *_in_groups(project, names),
        "If there is none yet, write this into requirements.txt (names may be others on the package index):",
        *(f"    {name}" for name in names),
    ]
    return (Notice("The app declares no dependencies, but imports packages", "\n".join(lines)),)


def _in_groups(project: Project, names: Iterable[str]) -> Iterator[str]:
    """Yield the setting that would install what a group in pyproject.toml lists."""
    for setting in sorted({setting for name in names if (setting := chosen_by(project, name))}):
        yield f"- it is not in a group or extra of pyproject.toml, which are not installed by themselves: set {setting}"


def _imports(project: Project) -> Iterator[tuple[str, str]]:
    """Yield the packages that programs at the top import, with the first file that does."""
    own = {name.removesuffix(".py").rstrip("/") for name in _names_at_top(project)}
    own |= {path.split("/")[1].removesuffix(".py") for path in project.files if path.startswith("src/")}
    seen: set[str] = set()
    for path, text in sorted(project.sources.items()):
        if "/" in path or is_aside(path) or is_test_or_example(path):
            continue
        for match in _IMPORT.finditer(text):
            name = match["name"]
            if name not in seen and name not in own and name not in _OF_PYTHON and not name.startswith("_"):
                seen.add(name)
                yield name, path


def _names_at_top(project: Project) -> list[str]:
    tops = {path.partition("/")[0] + ("/" if "/" in path else "") for path in project.files}
    return sorted(name for name in tops if not name.startswith("."))


def _left_out(project: Project) -> Iterator[str]:
    """Yield the lines that leave a file of a package manager out of the upload, or a question where there is none."""
    known = {name for manager in MANAGERS for name in manager.files if "*" not in name}
    said = [
        f"- it is not left out: {file}, line {number}, has {line.strip()}"
        for file in _IGNORING
        for number, line in enumerate(((project.text(file) if project.has(file) else "") or "").splitlines(), start=1)
        if any(re.search(rf"(?:^|[\s\"'/]){re.escape(name)}(?:$|[\s\"',/])", line) for name in known)
        or re.fullmatch(r"\s*\*\.(?:txt|toml|lock)\s*", line)
    ]
    yield from said or ("- it is not left out by .gitignore, or by exclude and include in project.toml",)
