"""requirements.txt, or the files that BP_PIP_REQUIREMENT names, installed by uv with pip's meaning."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnb.errors import BuildpackError
from python_buildpack.frozen.pins import read_pins
from python_buildpack.frozen.table import needed_constraints, read_table
from python_buildpack.managers.choices import read_choices, warn_unused
from python_buildpack.managers.interface import Resolution, Workbench
from python_buildpack.managers.pip_installer import install_with_pip, is_pip_chosen, resolve_with_pip
from python_buildpack.managers.requirement_files import RequirementFiles, read_requirement_files
from python_buildpack.managers.source_guard import source_unchanged
from python_buildpack.managers.tool_runs import compile_with_uv, run_uv, tool_shop
from python_buildpack.managers.uv_failures import explain
from python_buildpack.project import Project
from python_buildpack.settings import EXTRAS, GROUPS, REQUIREMENT, Settings
from python_buildpack.tools.pinned import PIP

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


@dataclass(frozen=True, slots=True)
class RequirementsTxt:
    """The manager of apps with a requirements file."""

    name: ClassVar[str] = "requirements.txt"

    chosen: tuple[str, ...] = ()
    """The files that the user chose in place of requirements.txt."""

    @classmethod
    def of(cls, settings: Settings) -> "RequirementsTxt":
        """Return the manager of the files that the settings choose."""
        return cls(settings.names(REQUIREMENT))

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files to install from."""
        return self.chosen or (FILE,)

    def find(self, project: Project) -> str | None:
        """Return the file if it is there, even as a directory, or was chosen: reading it says what is wrong."""
        return ", ".join(self.files) if self.chosen or project.has(FILE) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the files, without what those depend on."""
        return self._read(project).names

    def declaration(self, project: Project) -> str:
        """Return every line of every file that counts."""
        return "".join(f"{line.file}:{line.text}\n" for line in self._read(project).lines)

    def resolve(self, bench: Workbench) -> Resolution:
        """Ask the index, unless every requirement is hashed, in which case there is nothing to ask."""
        choices = read_choices(bench.settings)
        warn_unused(bench.reporter, choices.groups, GROUPS.name, self.name)
        warn_unused(bench.reporter, choices.extras, EXTRAS.name, self.name)
        files = self._read(bench.project)
        if files.is_hashed:
            return Resolution.of(self.declaration(bench.project), "every requirement is pinned by its hash")
        file = ", ".join(self.files)
        if not files.lines:
            return Resolution.of("", f"{file} is empty")
        if is_pip_chosen(bench):
            tool_shop(bench).keep(PIP)
            return resolve_with_pip(bench, self._options, self.declaration(bench.project))
        with source_unchanged(bench) as env:
            text = compile_with_uv(bench, (*self.files, *_known_constraints(bench, files), *PIP_SEMANTICS), file, env)
        return Resolution.of(text, "resolved against the package index for this build")

    def install(self, bench: Workbench, resolution: Resolution, venv: Path) -> None:
        """Install what the files ask for, at the versions of the resolution."""
        files = self._read(bench.project)
        if not files.lines:
            return
        file = ", ".join(self.files)
        if is_pip_chosen(bench):
            install_with_pip(bench, self._options, venv, file)
            return
        argv = (
            *("pip", "install", "--python", str(venv / "bin" / "python"), *self._options),
            *_exactly(bench, files, resolution),
            *PIP_SEMANTICS,
        )
        with source_unchanged(bench) as env:
            finished = run_uv(bench, argv, env, show=True)
        if finished.status != 0:
            raise explain(finished, file)

    @property
    def _options(self) -> tuple[str, ...]:
        return tuple(word for file in self.files for word in ("--requirement", file))

    def _read(self, project: Project) -> RequirementFiles:
        for file in self.chosen:
            if not project.has(file):
                raise RequirementsFileMissing(
                    f"{REQUIREMENT.name} names {file}, but there is no such file in the app.",
                    f"Correct {REQUIREMENT.name}; its paths are relative to the root of the app.",
                )
        return _merged([read_requirement_files(project, file) for file in self.files])


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


def _known_constraints(bench: Workbench, files: RequirementFiles) -> tuple[str, ...]:
    """Return the options that add what old releases need and do not say, and tell the user why."""
    needed = needed_constraints(read_pins(files.lines), read_table())
    if not needed:
        return ()
    for constraint, because in needed.items():
        bench.reporter.line(f"{constraint} is added, because {because}")
    path = bench.scratch / "known-constraints.txt"
    path.write_text("".join(f"{constraint}\n" for constraint in needed), encoding="utf-8")
    return ("--constraints", str(path))


def _exactly(bench: Workbench, files: RequirementFiles, resolution: Resolution) -> tuple[str, ...]:
    """Return the options that hold uv to the resolution, or to the hashes in the files."""
    if files.is_hashed:
        return ("--require-hashes",)
    pins = [line for line in resolution.text.splitlines() if "==" in line and " @ " not in line]
    path = bench.scratch / "constraints.txt"
    path.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return ("--constraints", str(path))
