"""requirements.txt, or the files that BP_PIP_REQUIREMENT names, installed by uv as pip would, or by pip itself.

Without it, the requirements.lock of a project of Rye, which is in the same format; or requirements/production.txt,
requirements/prod.txt or requirements.in, if nothing else declares them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.package_managers.brought_by_extras import names_with_extras
from python_buildpack.package_managers.choices import DevelopmentChoices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.errors import RequirementsUnsatisfiable
from python_buildpack.package_managers.index_rules import BEST_MATCH, FIRST_INDEX, IndexUnclear
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.local_files import find_links_content, local_content, vendored_sources
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.pip_installer import (
    install_with_pip,
    is_pip_chosen,
    resolve_with_pip,
)
from python_buildpack.package_managers.pip_needed import reason_for_pip
from python_buildpack.package_managers.policy import check_encrypted, refuse_unlocked
from python_buildpack.package_managers.project_file import RYE_LOCK, has_rye_lock
from python_buildpack.package_managers.requirement_files import (
    RequirementFiles,
    names_its_index,
    read_requirement_files,
    requirement_name,
    uv_options,
)
from python_buildpack.package_managers.requirement_lines import check_lines
from python_buildpack.package_managers.source_guard import source_guarded, source_unchanged
from python_buildpack.package_managers.source_options import (
    OF_PIP,
    refuse_named_files,
    refuse_source_lines,
    refuse_sources,
)
from python_buildpack.package_managers.tool_runs import compile_with_uv, run_uv
from python_buildpack.package_managers.variables_in_files import check_variables
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import INSTALLER, REQUIREMENT
from python_buildpack.settings.values import Settings
from python_buildpack.tools.pinned import PIP
from python_buildpack.tools.pip_config import read_pip_config

FILE = "requirements.txt"
OTHER_FILES = ("requirements/production.txt", "requirements/prod.txt", "requirements.in")
"""The files that are used, the first that is there, by an app with no requirements.txt and no other declaration."""

_NO_PROJECT = ("--no-config", "--no-sources")
"""uv's options not to read [tool.uv] in pyproject.toml, as pip does not."""


def _like_pip(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return uv's options to search indexes as pip does, unless another way is chosen: for the best version of all."""
    return ("--index-strategy", env.get("UV_INDEX_STRATEGY") or BEST_MATCH, *_NO_PROJECT)


class RequirementsFileMissing(BuildpackError):
    """BP_PIP_REQUIREMENT names a file that the app does not have."""

    code = "requirements-file-missing"
    title = "The chosen requirements file does not exist"
    remedies = ("variable",)


@frozen
class RequirementsTxt:
    """The manager of apps with a requirements file."""

    name: ClassVar[str] = "requirements.txt"
    files: ClassVar[tuple[str, ...]] = (FILE, "requirements*.txt", "requirements*.in", "requirements*.pip")
    locks: ClassVar[str | None] = None
    chooses: ClassVar[tuple[Setting, ...]] = (REQUIREMENT,)

    chosen: tuple[str, ...] = ()
    """The files that the user chose instead of requirements.txt."""
    variables: Mapping[str, str] | None = None
    """The build's variables, None if they are not known."""

    @classmethod
    def of(cls, settings: Settings) -> "RequirementsTxt":
        """Return the manager with the files that the settings name."""
        return cls(settings.names(REQUIREMENT), settings.env)

    def wanted(self, project: Project) -> tuple[str, ...]:
        """Return the files to install from."""
        if self.chosen or project.has(FILE):
            return self.chosen or (FILE,)
        others = (file for file in OTHER_FILES if file in project.files)
        return (RYE_LOCK if has_rye_lock(project) else next(others, FILE),)

    def find(self, project: Project) -> str | None:
        """Return the files if they were chosen, or requirements.txt if it exists, even as a directory, or another one.

        A missing or unreadable file is reported when it is read.
        """
        wanted = self.wanted(project)
        return ", ".join(wanted) if self.chosen or project.has(wanted[0]) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the files, without their dependencies."""
        return frozenset(name for text in self._read(project).required for name in names_with_extras(text))

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions in the files."""
        from python_buildpack.package_managers.exact_pins import read_pins  # noqa: PLC0415 - for apps that name no Python

        lines = self._read(project).lines
        return read_pins(lines, sources=vendored_sources(lines, project.root))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return the requirements files beside them that are for tests, too."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_requirements(project, self.wanted(project))

    def declaration(self, project: Project) -> str:
        """Return every line of every file, and digests of the archives that they name by path."""
        lines = self._read(project).lines
        return "".join(f"{line.file}:{line.text}\n" for line in lines) + local_content(project.root, lines)

    def check(self, given: Given) -> None:
        """Raise RequirementsInvalid, RequirementsFileMissing and RequirementsIncludeMissing.

        And VariableUnset, SourceBuildRefused, HashesRequired and PlainHttpRefused.
        """
        files = self._read(given.project)
        # With an override, uv takes its version instead of all others.
        check_lines(files, is_overridden=bool((self.variables or {}).get("UV_OVERRIDE")))
        check_variables(((line.file, line.number, line.text) for line in files.lines), given.env)
        refuse_source_lines(given.settings, given.env, files.lines)
        if files.lines and not files.is_hashed:
            refuse_unlocked(given.settings, ", ".join(self.wanted(given.project)))
            _check_encrypted(given, files)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the resolution on the index as it is now, or the lines themselves if they have hashes.

        Raises RequirementsFileMissing, RequirementsIncludeMissing, VariableUnset, and the failures of uv or pip.
        """
        self.check(context)
        files = self._read(context.project)
        reason = _reason_for_pip(context, files)
        if reason is not None:
            refuse_sources(context.settings, context.env, files.lines)
            refuse_named_files(context.settings, read_pip_settings(context), context.project.root, OF_PIP)
            context.reporter.line(f"The dependencies are installed by pip itself, because {reason}")
        if files.is_hashed:
            return Resolution.of(
                self.declaration(context.project), "every requirement is pinned by its hash", is_locked=True
            )
        file = ", ".join(self.wanted(context.project))
        if not files.lines:
            return Resolution.of("", f"{file} is empty", is_locked=True)
        local = find_links_content(context.project.root, read_pip_settings(context).get("PIP_FIND_LINKS", "").split())
        if reason is not None:
            _check_order(context)
            context.tools.keep(PIP)
            return resolve_with_pip(context, self._options(context.project), self.declaration(context.project) + local)
        text = self._compile(context, files, _known_constraints(context, files))
        return Resolution.of(text + local, "resolved against the package index for this build")

    def _compile(self, context: InstallContext, files: RequirementFiles, constraints: tuple[str, ...]) -> str:
        """Return uv's resolution of the files, with the constraints if the requirements allow them."""
        argv = (*self.wanted(context.project), *constraints, *_like_pip(context.env), *uv_options(files.lines))
        try:
            with source_unchanged(context) as env:
                variables = {**env, **_index_environment(context, files)}
                return compile_with_uv(context, argv, ", ".join(self.wanted(context.project)), variables)
        except RequirementsUnsatisfiable:
            if not constraints:
                raise
        context.reporter.line("Trying again without the added constraints: the app's requirements contradict them")
        return self._compile(context, files, ())

    def is_exact(self, context: InstallContext) -> bool:
        """Return True for uv, and False for pip, which removes nothing."""
        return _reason_for_pip(context, self._read(context.project)) is None

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install the requirements of the files in the versions of the resolution. Raises BuildpackError."""
        files = self._read(context.project)
        if not files.lines:
            return
        file = ", ".join(self.wanted(context.project))
        if _reason_for_pip(context, files) is not None:
            install_with_pip(context, self._options(context.project), venv, file)
            return
        argv = (
            *("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), *self._options(context.project)),
            *_exactly(context, files, resolution),
            *_undeclared(context, files, resolution),
            *_like_pip(context.env),
            *uv_options(files.lines),
        )
        with source_guarded(context) as env:
            finished = run_uv(context, argv, {**env, **_index_environment(context, files)}, show=True)
        if finished.status != 0:
            raise explain_failure(context, finished, file)

    def _options(self, project: Project) -> tuple[str, ...]:
        return tuple(word for file in self.wanted(project) for word in ("--requirement", file))

    def _read(self, project: Project) -> RequirementFiles:
        for file in self.chosen:
            if not project.has(file):
                raise RequirementsFileMissing(
                    f"{REQUIREMENT.name} names {file}, but there is no such file in the app.",
                    f"Correct {REQUIREMENT.name}; its paths are relative to the root of the app.",
                )
        return _merged([read_requirement_files(project, file, self.variables) for file in self.wanted(project)])


def _merged(several: list[RequirementFiles]) -> RequirementFiles:
    """Return the union of several sets of files; a file that two of them include is kept once."""
    first, *others = several
    for other in others:
        new = tuple(line for line in other.lines if line.file not in first.files)
        # A file is a constraint only if no file includes it with -r.
        constraints = {file for file in first.constraints | other.constraints if _only_constrains(file, first, other)}
        files = tuple(dict.fromkeys((*first.files, *other.files)))
        first = RequirementFiles(files, (*first.lines, *new), frozenset(constraints))
    return first


def _only_constrains(file: str, *several: RequirementFiles) -> bool:
    return all(file in files.constraints for files in several if file in files.files)


def _reason_for_pip(context: InstallContext, files: RequirementFiles) -> str | None:
    """Return why pip itself must install, or None. The user's choice takes precedence over what uv supports."""
    chosen = context.settings.get(INSTALLER)
    if chosen is not None and chosen.text.lower() in {"uv", "pip"}:
        return f"{INSTALLER.name} is set to pip" if is_pip_chosen(context) else None
    return reason_for_pip(context.project, files, read_pip_settings(context))


def _check_order(context: InstallContext) -> None:
    """Raise IndexUnclear if an index is to be searched first: pip searches all alike."""
    if context.env.get("UV_INDEX_STRATEGY") == FIRST_INDEX:
        raise IndexUnclear(
            "An index is to be searched before the others, but these requirements are installed by pip, which takes "
            "the best version of all.",
            "Let uv install them (the log says why it does not), or bind the index with order = alone.",
        )


def _check_encrypted(given: Given, files: RequirementFiles) -> None:
    named = ((f"{line.file}, line {line.number}", line.text) for line in files.lines)
    trusted = (word.partition("=")[2] for word in uv_options(files.lines) if word.startswith("--allow-insecure-host"))
    check_encrypted(given.settings, given.env, named, trusted)


def read_pip_settings(context: InstallContext) -> dict[str, str]:
    """Return the environment, with the settings in pip's configuration files as pip's variables."""
    return {**read_pip_config(context.env), **context.env}


def _index_environment(context: InstallContext, files: RequirementFiles) -> dict[str, str]:
    """Return variables that unset the index which pip's settings give, if the files name one: pip prefers the files."""
    chosen_for_uv = context.env.get("UV_DEFAULT_INDEX") or context.env.get("UV_INDEX_URL")
    return {} if chosen_for_uv or not names_its_index(files.lines) else {"UV_DEFAULT_INDEX": ""}


def _known_constraints(context: InstallContext, files: RequirementFiles) -> tuple[str, ...]:
    """Return what old releases need but do not declare, as options and a file; the reasons are logged."""
    from python_buildpack.package_managers.compatibility import (  # noqa: PLC0415 - for what is not locked
        needed_constraints,
        read_table,
        undeclared_needs,
    )
    from python_buildpack.package_managers.exact_pins import read_pins  # noqa: PLC0415 - as above

    pins = read_pins(files.lines).at(_minor(context))
    needed = needed_constraints(pins, read_table())
    if not needed:
        return ()
    for constraint, because in needed.items():
        context.reporter.line(f"{constraint} is added, because {because}")
    path = context.scratch / "known-constraints.txt"
    path.write_text("".join(f"{constraint}\n" for constraint in needed), encoding="utf-8")
    undeclared = undeclared_needs(pins, read_table())
    return ("--constraints", str(path), *_extra_file(context, undeclared))


def _undeclared(context: InstallContext, files: RequirementFiles, resolution: Resolution) -> tuple[str, ...]:
    """Return the options by which uv installs what the resolution has for releases that do not require it."""
    if files.is_hashed:
        return ()
    from python_buildpack.package_managers.compatibility import read_table, undeclared_needs  # noqa: PLC0415
    from python_buildpack.package_managers.exact_pins import read_pins  # noqa: PLC0415 - few builds install

    names = {
        requirement_name(need) for need in undeclared_needs(read_pins(files.lines).at(_minor(context)), read_table())
    }
    pins = tuple(line for line in resolution.text.splitlines() if "==" in line and requirement_name(line) in names)
    return tuple(word for path in _extra_file(context, pins) for word in ("--requirement", path))


def _minor(context: InstallContext) -> str:
    return ".".join(context.python_version.split(".")[:2])


def _extra_file(context: InstallContext, requirements: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path of a file with these requirements, if there are any."""
    if not requirements:
        return ()
    path = context.scratch / "undeclared.txt"
    path.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    return (str(path),)


def _exactly(context: InstallContext, files: RequirementFiles, resolution: Resolution) -> tuple[str, ...]:
    """Return the options by which uv installs only the versions of the resolution, or the hashes in the files."""
    if files.is_hashed:
        return ("--require-hashes",)
    pins = [line for line in resolution.text.splitlines() if "==" in line and " @ " not in line]
    if not pins:
        # Only files and addresses: uv would warn of an empty file that the user does not know.
        return ()
    path = context.scratch / "constraints.txt"
    path.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return ("--constraints", str(path))
