"""Poetry projects: pyproject.toml with a poetry.lock, which uv installs where that gives what Poetry gives."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.frozen import replace
from python_buildpack.app.documents import pyproject_table, read_toml, table, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import DevelopmentChoices, read_choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.explain import lines_with
from python_buildpack.package_managers.failures.yanked import warn_of_yanked
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.locked import POETRY_LOCK as LOCK
from python_buildpack.package_managers.locked import read_locked
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.policy import check_wheels, refuse_own_build, refuse_plugins, tool_policy
from python_buildpack.package_managers.project_file import FILE, declared_names, relevant_tables
from python_buildpack.package_managers.python_allowed import check_project_python
from python_buildpack.package_managers.source_guard import source_guarded
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import EXTRAS, GROUPS
from python_buildpack.tools.pinned import POETRY, tool_environment

_NOT_CONNECTED = "All attempts to connect to"


class PoetryProjectMissing(BuildpackError):
    """There is a poetry.lock but no pyproject.toml, which Poetry needs too."""

    code = "poetry-project-missing"
    title = "poetry.lock has no pyproject.toml beside it"
    remedies = ("upload",)


class Poetry:
    """The manager of apps with a poetry.lock."""

    name: ClassVar[str] = "poetry"
    files: ClassVar[tuple[str, ...]] = (LOCK,)
    locks: ClassVar[str | None] = FILE
    chooses: ClassVar[tuple[Setting, ...]] = (GROUPS, EXTRAS)

    def find(self, project: Project) -> str | None:
        """Return poetry.lock if it exists."""
        return LOCK if project.has(LOCK) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names of the project's dependencies and, from the lock, of their dependencies."""
        packages: dict[str, dict[str, Any]] = {
            canonicalize_name(str(package.get("name", ""))): package for package in _packages(project)
        }
        waiting = sorted(declared_names(project))
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in found or name not in packages:
                continue
            found.add(name)
            needs = packages[name].get("dependencies", {})
            waiting += [canonicalize_name(need) for need in needs] if isinstance(needs, dict) else []
        return frozenset(found)

    def pinned(self, project: Project) -> Pinned:
        """Return the locked versions of the declared names."""
        files = table(read_toml(project, LOCK) or {}, LOCK, "metadata").get("files")
        separate = files if isinstance(files, dict) else None
        return read_locked(_packages(project), self.declared(project), separate, declared_names(project))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return the groups that Poetry installs by default, and the groups and extras for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_poetry(project)

    def declaration(self, project: Project) -> str:
        """Return the lock and the tables of pyproject.toml that an installation depends on."""
        return relevant_tables(project, "poetry") + (project.text(LOCK) or "")

    def check(self, given: Given) -> None:
        """Raise PoetryProjectMissing and PythonNotAllowed."""
        if not given.project.has(FILE):
            raise PoetryProjectMissing(
                f"{LOCK} is there, but {FILE} is not.",
                f"Add the {FILE} that {LOCK} was made from, or delete {LOCK}.",
            )
        check_project_python(given)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock. Poetry itself refuses one that is out of date when it installs.

        Raises PoetryProjectMissing, PythonNotAllowed, SourceBuildRefused.
        """
        self.check(context)
        check_wheels(context.settings, context.project.text(LOCK) or "", LOCK)
        _check_scripts(context)
        if context.tools.has(POETRY) and _needs_poetry(context):
            context.tools.keep(POETRY)
        text = f"{read_choices(context.settings)}{context.project.text(LOCK) or ''}"
        return Resolution.of(text, f"{LOCK} says which versions", is_locked=True)

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install by uv, or by ``poetry sync`` where only that can do it. Raises BuildpackError."""
        del resolution
        from python_buildpack.package_managers.poetry_by_uv import install_by_uv  # noqa: PLC0415 - as below

        if install_by_uv(context, venv):
            return
        _sync(context, venv)


def _check_scripts(context: InstallContext) -> None:
    """Raise SourceBuildRefused if only wheels may be installed, and Poetry would run code: a build script, a plugin."""
    poetry = pyproject_table(context.project, "tool", "poetry")
    if "build" in poetry and poetry.get("package-mode") is not False:
        refuse_own_build(context.settings, FILE)
    if poetry.get("requires-plugins"):
        refuse_plugins(context.settings, f"requires-plugins in {FILE}")


def _needs_poetry(context: InstallContext) -> bool:
    from python_buildpack.package_managers.poetry_by_uv import plan_for_uv  # noqa: PLC0415 - most builds install nothing

    return isinstance(plan_for_uv(context), Exception)


def _sync(context: InstallContext, venv: Path) -> None:
    """Run ``poetry sync --only main`` with the chosen groups and extras. Raises BuildpackError."""
    from python_buildpack.package_managers.poetry_module import warn_of_no_module  # noqa: PLC0415 - as above

    choices = read_choices(context.settings)
    only = ",".join(("main", *choices.groups))
    extras = (word for extra in choices.extras for word in ("--extras", extra))
    argv = ("sync", "--no-interaction", "--no-ansi", "--only", only, *extras)
    with source_guarded(context) as env:
        command = Command((), {**_environment(context, venv), **env}, cwd=context.project.root)
        finished = _with_reasons(context, argv, command, context.tools.run(POETRY, argv, command))
    if finished.status != 0 and not warn_of_no_module(context, finished):
        raise explain_failure(context, finished, LOCK, Poetry.name)
    warn_of_yanked(context.reporter, finished.output)


def _with_reasons(context: InstallContext, argv: tuple[str, ...], command: Command, finished: Finished) -> Finished:
    """Return the result of Poetry. If it could not connect, it is run again with -v, which prints the reason."""
    if finished.status == 0 or _NOT_CONNECTED not in finished.output:
        return finished
    again = context.tools.run(POETRY, (*argv, "-v"), replace(command, show=False))
    reasons = tuple(lines_with(again.output, "SSLError", "CERTIFICATE_VERIFY_FAILED"))
    for reason in reasons:
        context.reporter.output(reason)
    return replace(finished, output="\n".join((finished.output, *reasons)))


def _environment(context: InstallContext, venv: Path) -> dict[str, str]:
    return {
        **tool_environment(context.env, venv),
        **tool_policy(context.settings, datetime.now(UTC)),
        "POETRY_VIRTUALENVS_CREATE": "false",
        "POETRY_CACHE_DIR": str(context.scratch / "poetry-cache"),
        # A build has no keyring, and the search for one can hang.
        "POETRY_KEYRING_ENABLED": "false",
    }


def _packages(project: Project) -> list[dict[str, Any]]:
    return tables(read_toml(project, LOCK) or {}, LOCK, "package", "Run poetry lock to write the file again.")
