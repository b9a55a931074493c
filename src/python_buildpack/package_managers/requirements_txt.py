"""requirements.txt, or the files that BP_PIP_REQUIREMENT names, installed by uv with pip's meaning."""

from pathlib import Path
from typing import ClassVar

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import read_choices, warn_unused
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.errors import RequirementsUnsatisfiable
from python_buildpack.package_managers.interface import InstallContext, Pinned, Resolution
from python_buildpack.package_managers.local_files import find_links_content, local_content, vendored_sources
from python_buildpack.package_managers.pip_installer import install_with_pip, is_pip_chosen, resolve_with_pip
from python_buildpack.package_managers.pip_needed import reason_for_pip
from python_buildpack.package_managers.project_file import compiled_sources
from python_buildpack.package_managers.requirement_files import (
    RequirementFiles,
    names_its_index,
    read_requirement_files,
    uv_options,
)
from python_buildpack.package_managers.source_guard import source_unchanged
from python_buildpack.package_managers.tool_runs import compile_with_uv, run_uv
from python_buildpack.settings.table import EXTRAS, GROUPS, INSTALLER, REQUIREMENT
from python_buildpack.settings.values import Settings
from python_buildpack.tools.pinned import PIP
from python_buildpack.tools.pip_config import read_pip_config

FILE = "requirements.txt"

PIP_SEMANTICS = (
    # pip takes the best version from all indexes, where uv stops at the first index that has the name.
    *("--index-strategy", "unsafe-best-match"),
    # pip knows nothing of pyproject.toml's [tool.uv]; an app that wants it is a uv project.
    *("--no-config", "--no-sources"),
)


class RequirementsFileMissing(BuildpackError):
    """BP_PIP_REQUIREMENT names a file that the app does not have."""

    code = "requirements-file-missing"
    title = "The chosen requirements file does not exist"


@frozen
class RequirementsTxt:
    """The manager of apps with a requirements file."""

    name: ClassVar[str] = "requirements.txt"
    files: ClassVar[tuple[str, ...]] = (FILE, "requirements*.txt", "requirements*.in", "requirements*.pip")
    locks: ClassVar[str | None] = None

    chosen: tuple[str, ...] = ()
    """The files that the user chose in place of requirements.txt."""

    @classmethod
    def of(cls, settings: Settings) -> "RequirementsTxt":
        """Return the manager of the files that the settings choose."""
        return cls(settings.names(REQUIREMENT))

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the files to install from."""
        return self.chosen or (FILE,)

    def find(self, project: Project) -> str | None:
        """Return the file if it is there, even as a directory, or was chosen: reading it says what is wrong."""
        return ", ".join(self.wanted) if self.chosen or project.has(FILE) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the files, without what those depend on."""
        return self._read(project).names

    def pinned(self, project: Project) -> Pinned:
        """Return the versions behind ``==`` in the files."""
        from python_buildpack.package_managers.exact_pins import read_pins  # noqa: PLC0415 - for apps that name no Python

        lines = self._read(project).lines
        return Pinned(read_pins(lines), sources=vendored_sources(lines, project.root))

    def declaration(self, project: Project) -> str:
        """Return every line of every file that counts, and the content of what they name by path."""
        lines = self._read(project).lines
        is_built = any(line.text.startswith(("-e", "--editable")) for line in lines)
        content = local_content(project.root, lines) + (compiled_sources(project) if is_built else "")
        return "".join(f"{line.file}:{line.text}\n" for line in lines) + content

    def resolve(self, context: InstallContext) -> Resolution:
        """Ask the index, unless every requirement is hashed, in which case there is nothing to ask."""
        choices = read_choices(context.settings)
        warn_unused(context.reporter, choices.groups, GROUPS.name, self.name)
        warn_unused(context.reporter, choices.extras, EXTRAS.name, self.name)
        files = self._read(context.project)
        reason = _reason_for_pip(context, files)
        if reason is not None:
            context.reporter.line(f"pip itself installs, because {reason}")
        if files.is_hashed:
            return Resolution.of(self.declaration(context.project), "every requirement is pinned by its hash")
        file = ", ".join(self.wanted)
        if not files.lines:
            return Resolution.of("", f"{file} is empty")
        local = find_links_content(context.project.root, read_pip_settings(context).get("PIP_FIND_LINKS", "").split())
        if reason is not None:
            context.tools.keep(PIP)
            return resolve_with_pip(context, self._options, self.declaration(context.project) + local)
        text = self._compile(context, files, _known_constraints(context, files))
        return Resolution.of(text + local, "resolved against the package index for this build")

    def _compile(self, context: InstallContext, files: RequirementFiles, constraints: tuple[str, ...]) -> str:
        """Return what the files resolve to, with the constraints if that is possible."""
        argv = (*self.wanted, *constraints, *PIP_SEMANTICS, *uv_options(files.lines))
        try:
            with source_unchanged(context) as env:
                variables = {**env, **_index_environment(context, files)}
                return compile_with_uv(context, argv, ", ".join(self.wanted), variables)
        except RequirementsUnsatisfiable:
            if not constraints:
                raise
        context.reporter.line("Once more without what was added: the app's requirements contradict it")
        return self._compile(context, files, ())

    def is_exact(self, context: InstallContext) -> bool:
        """Say yes for uv; pip removes nothing."""
        return _reason_for_pip(context, self._read(context.project)) is None

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install what the files ask for, at the versions of the resolution."""
        files = self._read(context.project)
        if not files.lines:
            return
        file = ", ".join(self.wanted)
        if _reason_for_pip(context, files) is not None:
            install_with_pip(context, self._options, venv, file)
            return
        argv = (
            *("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), *self._options),
            *_exactly(context, files, resolution),
            *PIP_SEMANTICS,
            *uv_options(files.lines),
        )
        with source_unchanged(context) as env:
            finished = run_uv(context, argv, {**env, **_index_environment(context, files)}, show=True)
        if finished.status != 0:
            raise explain_failure(context, finished, file)

    @property
    def _options(self) -> tuple[str, ...]:
        return tuple(word for file in self.wanted for word in ("--requirement", file))

    def _read(self, project: Project) -> RequirementFiles:
        for file in self.chosen:
            if not project.has(file):
                raise RequirementsFileMissing(
                    f"{REQUIREMENT.name} names {file}, but there is no such file in the app.",
                    f"Correct {REQUIREMENT.name}; its paths are relative to the root of the app.",
                )
        return _merged([read_requirement_files(project, file) for file in self.wanted])


def _merged(several: list[RequirementFiles]) -> RequirementFiles:
    """Return the files as one set; a file that two of them include counts once."""
    first, *others = several
    for other in others:
        new = tuple(line for line in other.lines if line.file not in first.files)
        # Asked for by one and a constraint to another is asked for.
        constraints = {file for file in first.constraints | other.constraints if _only_constrains(file, first, other)}
        files = tuple(dict.fromkeys((*first.files, *other.files)))
        first = RequirementFiles(files, (*first.lines, *new), frozenset(constraints))
    return first


def _only_constrains(file: str, *several: RequirementFiles) -> bool:
    return all(file in files.constraints for files in several if file in files.files)


def _reason_for_pip(context: InstallContext, files: RequirementFiles) -> str | None:
    """Return why pip itself installs: it was chosen, or uv would not do the same and was not chosen either."""
    if context.settings.get(INSTALLER) is not None:
        return f"{INSTALLER.name} says so" if is_pip_chosen(context) else None
    return reason_for_pip(context.project, files, read_pip_settings(context))


def read_pip_settings(context: InstallContext) -> dict[str, str]:
    """Return pip's settings, from its variables and its configuration files."""
    return {**read_pip_config(context.env), **context.env}


def _index_environment(context: InstallContext, files: RequirementFiles) -> dict[str, str]:
    """Return what takes pip's setting of the index back where the files name one: theirs goes first with pip."""
    chosen_for_uv = context.env.get("UV_DEFAULT_INDEX") or context.env.get("UV_INDEX_URL")
    return {} if chosen_for_uv or not names_its_index(files.lines) else {"UV_DEFAULT_INDEX": ""}


def _known_constraints(context: InstallContext, files: RequirementFiles) -> tuple[str, ...]:
    """Return the options that add what old releases need and do not say, and tell the user why."""
    from python_buildpack.package_managers.compatibility import needed_constraints, read_table  # noqa: PLC0415
    from python_buildpack.package_managers.exact_pins import read_pins  # noqa: PLC0415 - for what is not locked

    needed = needed_constraints(read_pins(files.lines), read_table())
    if not needed:
        return ()
    for constraint, because in needed.items():
        context.reporter.line(f"{constraint} is added, because {because}")
    path = context.scratch / "known-constraints.txt"
    path.write_text("".join(f"{constraint}\n" for constraint in needed), encoding="utf-8")
    return ("--constraints", str(path))


def _exactly(context: InstallContext, files: RequirementFiles, resolution: Resolution) -> tuple[str, ...]:
    """Return the options that hold uv to the resolution, or to the hashes in the files."""
    if files.is_hashed:
        return ("--require-hashes",)
    pins = [line for line in resolution.text.splitlines() if "==" in line and " @ " not in line]
    path = context.scratch / "constraints.txt"
    path.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return ("--constraints", str(path))
