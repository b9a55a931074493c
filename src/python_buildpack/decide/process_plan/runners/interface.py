"""What there is to know of a tool that starts another program, all of it in the tool's own module."""

from collections.abc import Callable, Mapping
from typing import Any

from cnb.frozen import field, frozen
from python_buildpack.app.project import Project


@frozen
class Tasks:
    """A table of named commands that a tool reads, and what the tool does with them."""

    where: str
    """The table for people: ``[scripts] in Pipfile``."""
    table: Mapping[str, Any]
    in_shell: bool = False
    """Whether a plain string is given to a shell; else it is cut into words, of which variables are expanded."""
    hooks: tuple[str, ...] = ()
    """What the names of other tasks begin with that run before and after one."""
    is_certain: bool = True
    """Whether nothing beside the table changes what its tasks do."""


def no_tasks(project: Project) -> Tasks | None:
    """Return None, for a tool without a table of its own."""
    del project
    return None


@frozen
class Runner:
    """A tool that starts another program in the app's environment, or in one that it makes for the program."""

    name: str
    distribution: str = ""
    """The distribution that provides it, if that has another name."""
    verbs: tuple[tuple[str, ...], ...] = (("run",),)
    """What stands between its name and the program. Nothing: then only its own tasks can follow its name."""
    valued: frozenset[str] = frozenset()
    """Options that take the next word, besides those below."""
    moves: frozenset[str] = frozenset()
    """Options that take a directory in which the program then starts."""
    adds: frozenset[str] = frozenset()
    """Options that take a distribution to install beside those of the app."""
    environment: frozenset[str] = frozenset()
    """Of those that take the next word: the ones that name the environment whose tasks are meant, before a colon."""
    module: frozenset[str] = frozenset()
    """Options after which a module follows, as after ``python -m``."""
    script: frozenset[str] = frozenset()
    """Options after which a file for Python follows, whatever it is called."""
    source: str = ""
    """The option that names the distribution of a program, if that has another name. Only tools have it that install
    the program by themselves."""
    is_installing: bool = False
    """Whether it installs the program that it starts."""
    reads: tuple[str, ...] = ()
    """Files of variables that it reads by itself."""
    runs_files: bool = False
    """Whether it starts a file whose name ends in .py with Python."""
    tasks: Callable[[Project], Tasks | None] = field(default=no_tasks)
    """Reads its table of tasks; None where there is none."""

    @property
    def brought_by(self) -> str:
        """The distribution that provides it."""
        return self.distribution or self.name
