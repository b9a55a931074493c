"""What an installation read of the app and of the variables, with digests: while these are equal, it is still good.

The record is part of the layer's metadata. The next build computes the digests of the same inputs again.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from python_buildpack.app.documents import PYPROJECT, read_toml
from python_buildpack.app.project import Project
from python_buildpack.app.snapshot import Mark, digest_content, list_directory, take_snapshot
from python_buildpack.package_managers.build_variables import compiling, digest_variables, of_requirements
from python_buildpack.support.digests import digest

FILE, WHOLE, TREE, VARIABLE, COMPILERS, BACKEND = "file", "whole", "tree", "variable", "compilers", "backend"
"""Kinds of inputs: what installers read of a file, all of it as git sees it, all below a directory, one variable, those
of compilers, those of a backend."""
ALL, PROJECT, FOLDERS, DECLARING, SOURCES = "all", "project", "folders", "declaring", "sources"
"""Kinds of inputs that are names in a directory: all, or those by which something is found there (``counts``)."""

DECLARING_FILES = (".toml", ".cfg", ".in", ".ini", "setup.py")
"""Suffixes of files that tools look for by name. Whether a program looked for a file that is absent leaves no trace."""
LICENSES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
"""Beginnings of the names of files that backends add to the metadata, if nothing else is declared (PEP 639)."""
COMPILED = (
    *(".c", ".cc", ".cpp", ".cxx", ".cu", ".S", ".h", ".hh", ".hpp", ".hxx", ".pyx", ".pxd", ".pxi"),
    *(".rs", ".f", ".for", ".f90", "CMakeLists.txt", "meson.build", "Cargo.toml", "Cargo.lock"),
)
"""Suffixes of sources of extension modules, and of files that control how they are compiled."""
METADATA = (".egg-info", ".dist-info")
"""What earlier installations left in a source: they are not read, and not in the image (stale_metadata.py)."""
_IGNORED = frozenset({".git", "__pycache__"})
_EXECUTABLE = 0o111
_SHOWN = 3
LENGTH = 20
"""Characters of a digest that are kept, of 64: the record is in the image's metadata."""
_CHECKERS = frozenset(
    {
        *("black", "ruff", "isort", "mypy", "pyright", "basedpyright", "ty", "pytest", "coverage", "pylint", "flake8"),
        *("bandit", "pydocstyle", "tox", "nox", "codespell", "vulture", "interrogate", "autoflake", "deptry", "djlint"),
    }
)
"""Tables of pyproject.toml for tools that check or format sources. One of these counts if a build requires the tool."""


@frozen
class Input:
    """One input of an installation."""

    kind: str
    name: str = ""
    """A path relative to the app, a variable's name, or the first word of a backend's name."""
    suffixes: tuple[str, ...] = ()
    """Suffixes of further names that count in a directory."""

    @classmethod
    def parse(cls, text: str) -> "Input":
        """Return the input of a text that ``__str__`` wrote."""
        head, _, name = text.partition(" ")
        kind, *suffixes = head.split("|")
        return cls(kind, name, tuple(suffixes))

    def __str__(self) -> str:
        return f"{'|'.join((self.kind, *self.suffixes))} {self.name}"

    @property
    def shown(self) -> str:
        """The input in words, for the log."""
        match self.kind:
            case "file" | "whole" | "tree":
                return self.name or "the app's directory"
            case "variable":
                return self.name
            case "compilers":
                return "a variable of compilers or build systems"
            case "backend":
                return f"a variable of {self.name.lower()}"
            case _:
                return f"the names in {self.name or 'the directory of the app'}"

    def counts(self, name: str, mark: Mark) -> bool:
        """Return whether a name in the directory counts. Pure."""
        if name in _IGNORED or name.endswith((".pyc", *METADATA)):
            return False
        if self.kind == ALL or name.endswith(self.suffixes):
            return True
        if name.lstrip(".").partition(".")[0] in _CHECKERS:
            # ruff.toml, mypy.ini, .coveragerc
            return False
        is_folder = not stat.S_ISREG(mark.mode) and not name.startswith(".")
        match self.kind:
            case "project":
                return is_folder or name.endswith((".py", *DECLARING_FILES, *COMPILED)) or name.startswith(LICENSES)
            case "folders":
                return is_folder or name.endswith(DECLARING_FILES)
            case "declaring":
                return name.endswith(DECLARING_FILES)
            case _:
                return name.endswith(COMPILED)

    def digest_names(self, names: Mapping[str, Mark]) -> str:
        """Return a digest of those names that count, with their types. Pure."""
        counted = sorted(
            (name, mark.kind if self._has_mode(mark) else stat.S_IFMT(mark.mode), mark.link)
            for name, mark in names.items()
            if self.counts(name, mark)
        )
        return digest(repr(counted))

    def _has_mode(self, mark: Mark) -> bool:
        """Return whether the mode counts: a file that was read counts with its mode, but empty ones are not read."""
        is_empty = stat.S_ISREG(mark.mode) and not mark.size
        return self.kind == ALL and is_empty and mark.mode & _EXECUTABLE != 0


@frozen
class AppInputs:
    """The inputs of an installation, with their digests."""

    digests: Mapping[str, str] = field(default_factory=dict)
    """By the input's text."""

    @classmethod
    def parse(cls, text: str) -> "AppInputs":
        """Return the value of a text that ``__str__`` wrote; of any other text, the one without inputs."""
        try:
            found = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return cls()
        return cls({str(name): str(value) for name, value in found.items()}) if isinstance(found, dict) else cls()

    @classmethod
    def read(cls, inputs: Iterable[Input], project: Project, env: Mapping[str, str]) -> "AppInputs":
        """Return these inputs with their digests as they are now."""
        return cls({str(one): _digest(one, project, env) for one in inputs})

    def __str__(self) -> str:
        return json.dumps(dict(sorted(self.digests.items())), separators=(",", ":"))

    @property
    def digest(self) -> str:
        """A digest of all inputs, for the layer's key."""
        return digest(str(self))

    def now(self, project: Project, env: Mapping[str, str]) -> "AppInputs":
        """Return the same inputs as they are now."""
        return AppInputs.read(map(Input.parse, self.digests), project, env)

    def changes(self, other: "AppInputs") -> str:
        """Return in words which inputs differ, at most three of them; empty if none does. Pure."""
        names = (Input.parse(text).shown for text, value in self.digests.items() if other.digests.get(text) != value)
        differing = list(dict.fromkeys(names))
        more = len(differing) - _SHOWN
        return ", ".join(differing[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _digest(one: Input, project: Project, env: Mapping[str, str]) -> str:
    match one.kind:
        case "file":
            whole = _digest_file(project, one.name)
        case "whole":
            whole = _digest_entry(project.root / one.name)
        case "tree":
            whole = digest_content(project.root / one.name, take_snapshot(project.root / one.name))
        case "variable":
            whole = digest(repr(env.get(one.name)))
        case "compilers":
            whole = digest_variables(compiling(env))
        case "backend":
            whole = digest_variables(of_requirements((one.name,), env))
        case _:
            whole = one.digest_names(list_directory(project.root / one.name))
    return whole[:LENGTH]


def _digest_entry(path: Path) -> str:
    """Return a digest of a file as git sees it: all of its content and its mode, or where a link leads."""
    try:
        return digest(f"link {path.readlink()}")
    except OSError:
        return _digest_content(path)


def _digest_file(project: Project, path: str) -> str:
    """Return a digest of a file. Of pyproject.toml, what only checks of the source read does not count."""
    if path.rpartition("/")[2] == PYPROJECT:
        try:
            # None for a file that is absent, or beside the app.
            if (document := read_toml(project, path)) is not None:
                return digest(json.dumps(_that_counts(document), sort_keys=True, default=str))
        except (BuildpackError, RecursionError):
            # The tool that reads it reports the error.
            pass
    return _digest_content(project.root / path)


def _that_counts(document: Mapping[str, Any]) -> dict[str, Any]:
    tool, system = document.get("tool"), document.get("build-system")
    required = repr(system.get("requires")) if isinstance(system, dict) else ""
    if not isinstance(tool, dict):
        return dict(document)
    left_out = {name for name in _CHECKERS if name not in required}
    kept = {name: table for name, table in tool.items() if name not in left_out}
    return {**{name: table for name, table in document.items() if name != "tool"}, **({"tool": kept} if kept else {})}


def _digest_content(path: Path) -> str:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - its mode, of which Path knows no more
        # A FIFO or a device might never end.
        if not stat.S_ISREG(mode):
            return "no file"
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        # A copy in the environment is executable, too.
        return f"x{content}" if mode & stat.S_IXUSR else content
    except OSError as error:
        return f"errno {error.errno}"
