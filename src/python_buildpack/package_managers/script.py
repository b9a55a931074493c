"""One script with inline metadata (PEP 723) and its lock, if nothing else declares dependencies, installed by uv."""

from pathlib import Path
from typing import Any, ClassVar

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import parse_toml, strings, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.brought_by_extras import names_with_extras
from python_buildpack.package_managers.choices import Choices, DevelopmentChoices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.errors import LockOutOfDate
from python_buildpack.package_managers.inline_metadata import LOCK_SUFFIX, LOCKS, find_script, read_metadata
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.locked import read_locked
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.policy import refuse_unlocked
from python_buildpack.package_managers.python_allowed import check_python
from python_buildpack.package_managers.source_guard import source_unchanged
from python_buildpack.package_managers.source_tree import install_source_tree, resolve_source_tree
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.settings.setting import Setting


class Script:
    """The manager of apps that are one script."""

    name: ClassVar[str] = "script"
    files: ClassVar[tuple[str, ...]] = (LOCKS,)
    locks: ClassVar[str | None] = None
    chooses: ClassVar[tuple[Setting, ...]] = ()

    def find(self, project: Project) -> str | None:
        """Return the script."""
        return find_script(project)

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the metadata and in the lock."""
        listed = (name for line in _dependencies(project) for name in names_with_extras(line))
        return frozenset((*listed, *(canonicalize_name(str(package.get("name"))) for package in _locked(project))))

    def pinned(self, project: Project) -> Pinned:
        """Return the locked versions, or the exact ones in the metadata."""
        from python_buildpack.package_managers.exact_pins import pins_in  # noqa: PLC0415 - for apps that name no Python

        if locked := _locked(project):
            return read_locked(locked, self.declared(project))
        return pins_in(_dependencies(project))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return nothing more."""
        del project
        return DevelopmentChoices()

    def declaration(self, project: Project) -> str:
        """Return the metadata and the lock."""
        script = find_script(project) or ""
        return f"{read_metadata(project, script)}\n{project.text(_lock_of(script)) or ''}"

    def check(self, given: Given) -> None:
        """Raise PythonNotAllowed and HashesRequired."""
        script = find_script(given.project) or ""
        requires = read_metadata(given.project, script).get("requires-python")
        check_python(given, script, "requires-python", str(requires or ""))
        if not given.project.has(_lock_of(script)):
            refuse_unlocked(given.settings, script)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock, or the resolution of the metadata on the index as it is now.

        Raises PythonNotAllowed, ProjectFileInvalid and uv's failures.
        """
        self.check(context)
        script = find_script(context.project) or ""
        if context.project.has(lock := _lock_of(script)):
            return Resolution.of(self.declaration(context.project), f"{lock} says which versions", is_locked=True)
        return resolve_source_tree(context, script, Choices((), ()))

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install what the lock says, or the resolution. Raises BuildpackError, also for an outdated lock."""
        script = find_script(context.project) or ""
        if context.project.has(_lock_of(script)):
            resolution = Resolution.of(_export(context, script, venv), resolution.because)
        install_source_tree(context, resolution, venv, script)


def _export(context: InstallContext, script: str, venv: Path) -> str:
    """Return the content of a script's lock as requirements with hashes. Raises BuildpackError."""
    output = context.scratch / "script.txt"
    argv = ("export", "--script", script, "--locked", "--no-header", "--no-annotate", "--output-file", str(output))
    with source_unchanged(context) as env:
        finished = run_uv(context, (*argv, "--quiet", "--python", str(venv / "bin" / "python")), env, show=False)
    if finished.status == 0:
        return output.read_text(encoding="utf-8")
    lock = _lock_of(script)
    error = explain_failure(context, finished, lock)
    if isinstance(error, LockOutOfDate):
        raise LockOutOfDate(
            f"{lock} does not match the metadata in {script}.", f"Run uv lock --script {script}, and commit {lock}."
        )
    show_condensed(finished.output.splitlines(), context.reporter.output)
    raise error


def _lock_of(script: str) -> str:
    return f"{script}{LOCK_SUFFIX}"


def _dependencies(project: Project) -> list[str]:
    script = find_script(project)
    return strings(read_metadata(project, script).get("dependencies")) if script else []


def _locked(project: Project) -> list[dict[str, Any]]:
    lock = _lock_of(find_script(project) or "")
    cure = f"Run uv lock --script {lock.removesuffix(LOCK_SUFFIX)} to write it again."
    return tables(parse_toml(project.text(lock) or "", lock, cure), lock, "package", cure)
