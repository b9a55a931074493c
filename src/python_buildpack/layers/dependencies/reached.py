"""What the app and the servers that may start it import of an environment, read from the files."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.given_commands import given_commands
from python_buildpack.decide.process_plan.procfile_text import FILE as PROCFILE
from python_buildpack.decide.process_plan.programs import PROGRAMS
from python_buildpack.installed.dist_info import DistInfo, read_dist_infos
from python_buildpack.installed.imports.lacking import world_of
from python_buildpack.installed.imports.modules import Module, ModuleFiles
from python_buildpack.installed.imports.reach import Reach
from python_buildpack.settings.values import Settings

_WORD = re.compile(r"[\w.-]+")
_PROGRAMS = re.compile(r"^[ \t]*(?P<name>[\w.-]+)\s*=\s*(?P<module>[\w.]+)", re.MULTILINE)


class Reached:
    """The modules of an environment that an app reaches: certainly, or perhaps."""

    def __init__(self, project: Project, site: Path, minor: str, settings: Settings) -> None:
        """Take the minor version of Python, and the build's settings: some of them are commands, too."""
        self.site = site
        self._minor = minor
        self._project = project
        self._settings = settings
        self._files = ModuleFiles((project.root, project.root / "src", site))

    @cached_property
    def certainly(self) -> Reach:
        """What is imported whenever a source file of the app, or a server, is."""
        return Reach(
            self._files, self._servers, self._sources, certainly=True, world=world_of(self._files, self._minor)
        )

    @cached_property
    def perhaps(self) -> Reach:
        """What is imported in functions and conditions, too."""
        return Reach(self._files, self._servers, self._sources, certainly=False)

    def owner(self, path: str) -> DistInfo | None:
        """Return the distribution that a file belongs to, by its path relative to site-packages."""
        owned = (found for found in read_dist_infos(self.site) if any(path == entry.path for entry in found.record()))
        return next(owned, None)

    @cached_property
    def _sources(self) -> tuple[Module, ...]:
        paths = (path for path in self._project.sources if not is_test_or_example(path) and not is_aside(path))
        return tuple(_own_module(path, self._project.root) for path in paths)

    @cached_property
    def _servers(self) -> tuple[str, ...]:
        """Return the modules of the installed programs that start apps, or that a command of the user names."""
        commands = [self._project.text(PROCFILE) or "", *(entry.command for entry in given_commands(self._settings))]
        wanted = PROGRAMS.keys() | {word for command in commands for word in _WORD.findall(command)}
        return tuple(module for name, module in _console_scripts(self.site) if name in wanted)


def _own_module(path: str, root: Path) -> Module:
    name = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(name, root / path, is_package=path.endswith("/__init__.py"))


def _console_scripts(site: Path) -> Iterator[tuple[str, str]]:
    """Yield the programs of all distributions, each with the module that it runs."""
    for found in read_dist_infos(site):
        section = found.entry_points().partition("[console_scripts]")[2].partition("\n[")[0]
        yield from ((match["name"], match["module"]) for match in _PROGRAMS.finditer(section))
