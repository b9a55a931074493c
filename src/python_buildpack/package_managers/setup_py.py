"""setup.py or setup.cfg without pyproject.toml: the app is a setuptools project, installed in editable mode."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from cnb.frozen import replace
from python_buildpack.app.documents import PYPROJECT
from python_buildpack.app.project import Project
from python_buildpack.app.syntax import Unparsed, parse, text_of, texts_of
from python_buildpack.interpreters.request import parse_specifiers
from python_buildpack.package_managers.brought_by_extras import names_with_extras
from python_buildpack.package_managers.choices import DevelopmentChoices, read_choices
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.policy import refuse_own_build, refuse_unlocked
from python_buildpack.package_managers.project_file import names_itself
from python_buildpack.package_managers.python_allowed import check_python
from python_buildpack.package_managers.script_values import ScriptValues
from python_buildpack.package_managers.source_tree import install_source_tree, resolve_source_tree
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import EXTRAS
from python_buildpack.support.ini import IniInvalid, Sections, read_ini

SCRIPT = "setup.py"
CONFIG = "setup.cfg"
STUB = "from setuptools import setup\n\nsetup()\n"


class SetupPy:
    """The manager of apps that are setuptools projects without a pyproject.toml."""

    name: ClassVar[str] = "setup.py"
    files: ClassVar[tuple[str, ...]] = (SCRIPT, CONFIG)
    locks: ClassVar[str | None] = None
    chooses: ClassVar[tuple[Setting, ...]] = (EXTRAS,)

    def find(self, project: Project) -> str | None:
        """Return setup.py, or a setup.cfg with a section [metadata]; None if pyproject.toml has a build backend."""
        pyproject = project.texts.get(PYPROJECT)
        if names_itself(project) or (isinstance(pyproject, str) and "[build-system]" in pyproject):
            return None
        if project.has(SCRIPT):
            return SCRIPT
        return CONFIG if project.has(CONFIG) and "metadata" in _config(project) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in setup.cfg, and those that setup.py lists as literals."""
        return frozenset(name for line in _requirements(project) for name in names_with_extras(line))

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions in install_requires of setup.cfg, and in literals of setup.py."""
        from python_buildpack.package_managers.exact_pins import pins_in  # noqa: PLC0415 - for apps that name no single Python

        return pins_in(_requirements(project))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return the extras for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_setup(_config(project), _literal_extras(project.text(SCRIPT) or ""))

    def declaration(self, project: Project) -> str:
        """Return both files."""
        return f"{project.text(SCRIPT) or ''}\n{project.text(CONFIG) or ''}\n"

    def check(self, given: Given) -> None:
        """Raise PythonVersionInvalid for a python_requires that setuptools refuses.

        And PythonNotAllowed, SourceBuildRefused and HashesRequired.
        """
        file, key, text = python_requires(given.project)
        if text.strip():
            parse_specifiers(text, f"{file} ({key})", key)
        check_python(given, file, key, text)
        refuse_own_build(given.settings, SCRIPT)
        refuse_unlocked(given.settings, SCRIPT)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the resolution, on the index as it is now, of the dependencies that setuptools computes.

        Raises PythonNotAllowed, GroupUnknown, SourceBuildRefused and uv's failures.
        """
        self.check(context)
        choices = read_choices(context.settings)
        with _script(context.project):
            return resolve_source_tree(context, SCRIPT, replace(choices, groups=()))

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install the resolution, and the project in editable mode."""
        with _script(context.project):
            install_source_tree(context, resolution, venv, SCRIPT, (".",))


@contextmanager
def _script(project: Project) -> Iterator[None]:
    """Write a setup.py during the block if there is only a setup.cfg: uv requires one, setuptools does not."""
    script = project.root / SCRIPT
    is_temporary = not script.exists()
    if is_temporary:
        script.write_text(STUB, encoding="utf-8")
    try:
        yield
    finally:
        if is_temporary:
            script.unlink()


def _config(project: Project) -> Sections:
    try:
        return read_ini(project.text(CONFIG) or "")
    except IniInvalid:
        # setuptools reports the error if it reads the file.
        return {}


def python_requires(project: Project) -> tuple[str, str, str]:
    """Return file, key and value of python_requires, as setup.py writes it or puts it together, or from setup.cfg."""
    script = _Arguments(project.text(SCRIPT) or "")
    for value in script.values("python_requires"):
        if (text := script.known.text(value)) is not None:
            return SCRIPT, "python_requires", text
    return CONFIG, "python_requires", _config(project).get("options", {}).get("python_requires", "")


class _Arguments:
    """The keyword arguments of all calls of a script, which is parsed but not run."""

    def __init__(self, script: str) -> None:
        tree = parse(script)
        tree = ast.Module([], []) if isinstance(tree, Unparsed) else tree
        self.known = ScriptValues(tree)
        self._words = [word for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords]

    def values(self, keyword: str) -> list[ast.expr]:
        """Return the values of a keyword, also those in a dictionary of arguments (``setup(**arguments)``)."""
        meant = [(word.arg, self.known.meant(word.value)) for word in self._words]
        tables = [value for name, value in meant if name is None and isinstance(value, ast.Dict)]
        inside = [pair for table in tables for pair in zip(table.keys, table.values, strict=True)]
        return [
            *(value for name, value in meant if name == keyword),
            *(self.known.meant(value) for key, value in inside if text_of(key) == keyword),
        ]


def _requirements(project: Project) -> list[str]:
    lines = _config(project).get("options", {}).get("install_requires", "").splitlines()
    return [*map(str.strip, lines), *_literal_requirements(project.text(SCRIPT) or "")]


def _literal_requirements(script: str) -> list[str]:
    """Return the strings of ``install_requires=[…]`` in a call of setup()."""
    listed = [value for value in _Arguments(script).values("install_requires") if not isinstance(value, ast.Dict)]
    # One text has a requirement in each line, as in setup.cfg.
    return [text.strip() for value in listed for each in texts_of(value) for text in each.splitlines() if text.strip()]


def _literal_extras(script: str) -> list[str]:
    """Return the names of ``extras_require={…}`` in a call of setup()."""
    values = _Arguments(script).values("extras_require")
    keys = (key for value in values if isinstance(value, ast.Dict) for key in value.keys)
    return [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
