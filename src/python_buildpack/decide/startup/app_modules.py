"""The app's own modules, found in what was read of the app, by Python's rules for the directories on ``sys.path``."""

import posixpath
import re
import sys
from functools import cached_property

from python_buildpack.app.file_roles import is_test_or_example
from python_buildpack.app.project import MAX_ENTRIES, Project
from python_buildpack.installed.imports.modules import Module, ModuleFiles

SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".pyx")


class AppModules(ModuleFiles):
    """The app's modules as one process sees them, which looks in some directories of the app first.

    A module that is in none of them is taken from wherever it is in the app, if it is in one place only: programs
    change ``sys.path`` in ways that no reader can follow. Python's own modules and the ``installed`` ones are not: a
    file of the same name in another folder is not what ``import logging`` means.
    """

    def __init__(
        self, project: Project, roots: tuple[str, ...], names: "AppNames", installed: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(())
        self._project = project
        self._roots = roots
        self._app_names = names
        self._installed = installed

    def find(self, name: str) -> Module | None:
        """Return the module of this full name; None if there is none."""
        if name not in self._found:
            path = name.replace(".", "/")
            found = (self._at(name, posixpath.join(root, path)) for root in (*self._roots, *self._elsewhere(name)))
            self._found[name] = next((module for module in found if module is not None), None)
        return self._found[name]

    def script(self, path: str) -> Module:
        """Return a file that Python runs: it is no module that others import."""
        return Module("__main__", self._project.root / path, is_package=False, content=self._content(path))

    def _elsewhere(self, name: str) -> tuple[str, ...]:
        top = name.partition(".")[0]
        roots = self._app_names.roots_of(top)
        is_other = top in sys.stdlib_module_names or top in self._installed
        return roots if len(roots) == 1 and not is_other else ()

    def _at(self, name: str, path: str) -> Module | None:
        files, root = self._project.files, self._project.root
        package = f"{path}/__init__.py"
        if package in files:
            return Module(name, root / package, is_package=True, content=self._content(package))
        if f"{path}.py" in files:
            return Module(name, root / f"{path}.py", is_package=False, content=self._content(f"{path}.py"))
        if path in self._project.directories and self._app_names.has_modules(path):
            return Module(name, root / path, is_package=True, content="")
        return None

    def _content(self, path: str) -> str:
        return self._project.sources.get(path, "")


class AppNames:
    """What the app has under which name, wherever it is."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @property
    def is_whole(self) -> bool:
        """Whether all names were seen: there were not too many, and no packages are among the app's files."""
        project = self._project
        is_all = len(project.files) + len(project.directories) < MAX_ENTRIES
        return is_all and not any(path.endswith("site-packages") for path in project.directories)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that an import may mean: of modules and folders with modules at any depth.

        With folders at the top, which are namespace packages, and what has no suffix, which may be a link to a folder.
        """
        found = {path for path in self._project.directories if "/" not in path}
        for path in self._project.files:
            *folders, name = path.split("/")
            if name.endswith(SUFFIXES):
                found.update(folders, [name.partition(".")[0]])
            elif "." not in name:
                found.add(name)
        return frozenset(found)

    def roots_of(self, top: str) -> tuple[str, ...]:
        """Return the directories that contain a module or package of this name, without those of tests."""
        return self._roots.get(top, ())

    def has_modules(self, folder: str) -> bool:
        """Return whether a folder has a module, at any depth."""
        return folder in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self._project.sources:
            while path := path.rpartition("/")[0]:
                found.add(path)
        return frozenset(found)

    @cached_property
    def _roots(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for path in self._project.sources:
            if is_test_or_example(path):
                continue
            inner = re.sub(r"(?:/__init__)?\.py$", "", path)
            root, _, name = inner.rpartition("/")
            if f"{root}/__init__.py".lstrip("/") not in self._project.files or not root:
                found[name] = (*found.get(name, ()), root)
        return found
