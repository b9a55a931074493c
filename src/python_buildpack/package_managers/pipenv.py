"""Apps with a Pipfile or Pipfile.lock. Pipenv checks a lock and converts it to requirements, which uv installs.

Pipenv could only install with a pip inside the virtual environment, and the app's environment has none.
"""

from pathlib import Path
from typing import ClassVar

from python_buildpack.app.documents import string
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import check_known, read_choices, warn_unused
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.errors import DependenciesNotInstalled, LockOutOfDate
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.interface import InstallContext, Pinned, Resolution
from python_buildpack.package_managers.local_files import local_content
from python_buildpack.package_managers.pipfile import (
    DEFAULT,
    FILE,
    LOCK,
    categories,
    fill_in_logins,
    index_lines,
    locked_names,
    locked_versions,
    read_pipfile_lock,
    requirement_lines,
)
from python_buildpack.package_managers.requirement_files import RequirementLine, requirement_name
from python_buildpack.package_managers.requirements_txt import PIP_SEMANTICS
from python_buildpack.package_managers.source_guard import source_guarded, source_unchanged
from python_buildpack.package_managers.tool_runs import compile_with_uv, run_uv
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.ports.interfaces import Command
from python_buildpack.settings.table import EXTRAS
from python_buildpack.tools.pinned import PIPENV


def _local(project: Project) -> str:
    if not project.has(FILE):
        return ""
    texts = [text for category in (DEFAULT, *categories(project)) for text in requirement_lines(project, category)]
    return local_content(project.root, (RequirementLine(FILE, 0, text) for text in texts))


class Pipenv:
    """The manager of apps with a Pipfile or a Pipfile.lock."""

    name: ClassVar[str] = "pipenv"
    files: ClassVar[tuple[str, ...]] = (LOCK, FILE)
    locks: ClassVar[str | None] = None

    def find(self, project: Project) -> str | None:
        """Return the lock, or else the Pipfile."""
        return next((file for file in self.files if project.has(file)), None)

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the default category of the lock, or of the Pipfile if there is no lock."""
        if project.has(LOCK):
            return locked_names(read_pipfile_lock(project), "default")
        lines = requirement_lines(project, DEFAULT)
        return frozenset(name for line in lines if (name := requirement_name(line)) is not None)

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions of the default category. Pipfile.lock names no files, so wheels are not known."""
        if project.has(LOCK):
            return Pinned(locked_versions(read_pipfile_lock(project), "default"))
        from python_buildpack.package_managers.exact_pins import pins_in  # noqa: PLC0415 - for apps that name no single Python

        return Pinned(pins_in(requirement_lines(project, DEFAULT)))

    def declaration(self, project: Project) -> str:
        """Return both files, and digests of the archives that they name by path."""
        return f"{project.text(FILE) or ''}\n{project.text(LOCK) or ''}{_local(project)}"

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock, or the resolution of a Pipfile without a lock on the index as it is now.

        Raises GroupUnknown, ProjectFileInvalid and uv's failures.
        """
        choices = read_choices(context.settings)
        warn_unused(context.reporter, choices.extras, EXTRAS.name, self.name)
        if not context.project.has(LOCK):
            return _resolve_unlocked(context, choices.groups)
        check_known(choices.groups, _locked_categories(context.project), LOCK)
        context.tools.keep(PIPENV)
        return Resolution.of(f"{choices}{self.declaration(context.project)}", f"{LOCK} says which versions")

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install the lock, with every hash checked, or the resolution of a Pipfile without a lock.

        Raises BuildpackError.
        """
        file = LOCK if context.project.has(LOCK) else FILE
        text = _locked_requirements(context) if file == LOCK else resolution.text
        path = context.scratch / "pipenv-requirements.txt"
        path.write_text(fill_in_logins(text, context.env), encoding="utf-8")
        argv = (
            *("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), "--requirements", str(path)),
            *("--no-deps", "--verify-hashes", *PIP_SEMANTICS),
        )
        with source_guarded(context) as env:
            finished = run_uv(context, argv, env, show=True)
        if finished.status != 0:
            raise explain_failure(context, finished, file)


def _resolve_unlocked(context: InstallContext, groups: tuple[str, ...]) -> Resolution:
    context.reporter.warning(
        f"{FILE} has no {LOCK}",
        "Every build takes the newest versions that the Pipfile allows. Run pipenv lock, and commit the lock.",
    )
    check_known(groups, categories(context.project), FILE)
    indexes = list(index_lines(context.project))
    lines = [line for category in (DEFAULT, *groups) for line in requirement_lines(context.project, category)]
    path = context.scratch / "pipfile-requirements.txt"
    path.write_text(fill_in_logins("\n".join((*indexes, *lines)) + "\n", context.env), encoding="utf-8")
    with source_unchanged(context) as env:
        text = compile_with_uv(context, (str(path), *PIP_SEMANTICS), FILE, env)
    with_indexes = "".join(f"{line}\n" for line in indexes) + text
    return Resolution.of(with_indexes, f"{FILE} has no lock, so it was resolved against the index for this build")


def _locked_categories(project: Project) -> frozenset[str]:
    sections = read_pipfile_lock(project).keys() - {"_meta", "default"}
    return frozenset("dev-packages" if name == "develop" else name for name in sections)


def _locked_requirements(context: InstallContext) -> str:
    """Return Pipfile.lock as the text of a requirements file. Raises LockOutOfDate."""
    folder = context.scratch / "pipenv"
    folder.mkdir(exist_ok=True)
    # In a copy, because Pipenv creates missing files. A lock without a Pipfile cannot be out of date.
    (folder / FILE).write_text(context.project.text(FILE) or "", encoding="utf-8")
    (folder / LOCK).write_text(context.project.text(LOCK) or "", encoding="utf-8")
    if context.project.has(FILE):
        _check_has_digest(context.project)
        _run_pipenv(context, folder, ("verify",))
    wanted = (DEFAULT, *read_choices(context.settings).groups)
    output = _run_pipenv(context, folder, ("requirements", "--hash", "--categories", " ".join(wanted)))
    # The output also holds warnings.
    lines = [line for line in output.splitlines() if _is_requirement(line) or line.startswith("-")]
    _check_complete(context, lines, wanted)
    return "".join(f"{line}\n" for line in lines)


def _check_has_digest(project: Project) -> None:
    """Raise LockOutOfDate for a lock without the digest of its Pipfile, which Pipenv would accept."""
    if string(read_pipfile_lock(project), LOCK, "_meta", "hash", "sha256") is None:
        raise LockOutOfDate(
            f"{LOCK} does not say which Pipfile it was made from.", f"Run pipenv lock, and commit {LOCK}."
        )


def _run_pipenv(context: InstallContext, folder: Path, argv: tuple[str, ...]) -> str:
    env = {
        **context.env,
        **system_certificates(context.env),
        "PIPENV_NOSPIN": "1",
        "PIPENV_DONT_LOAD_ENV": "1",
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_CACHE_DIR": str(context.scratch / "pipenv-cache"),
        "WORKON_HOME": str(context.scratch / "pipenv-environments"),
    }
    finished = context.tools.run(PIPENV, argv, Command((), env, cwd=folder, show=False))
    if finished.status != 0:
        for line in finished.output.splitlines():
            context.reporter.output(line)
        raise explain(finished, LOCK, "pipenv", context.env)
    return finished.output


def _is_requirement(line: str) -> bool:
    word = line.partition(" ")[0]
    # Pipenv writes the path of an archive in the app as in the Pipfile: vendor/x.whl.
    is_path = line.startswith((".", "/")) or word.endswith((".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2"))
    return is_path or "://" in word or requirement_name(line) is not None


def _check_complete(context: InstallContext, lines: list[str], wanted: tuple[str, ...]) -> None:
    """Raise DependenciesNotInstalled unless there is a line for every locked package."""
    document = read_pipfile_lock(context.project)
    sections = {DEFAULT: "default", "dev-packages": "develop"}
    names = frozenset[str]().union(*(locked_names(document, sections.get(name, name)) for name in wanted))
    found = [line for line in lines if not line.startswith(("-i ", "--"))]
    if len(found) != len(names):
        raise DependenciesNotInstalled(
            f"{LOCK} has {len(names)} packages, but Pipenv lists {len(found)}: {'; '.join(found)[:500]}",
            f"Run pipenv lock to write {LOCK} again. If that does not help, please report it.",
        )
