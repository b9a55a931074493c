"""requirements.txt, installed by uv with pip's meaning."""

from pathlib import Path
from typing import ClassVar

from python_buildpack.managers.interface import Resolution, Workbench
from python_buildpack.managers.requirement_files import RequirementFiles, read_requirement_files
from python_buildpack.managers.uv_failures import explain
from python_buildpack.ports import Command, Finished
from python_buildpack.project import Project

FILE = "requirements.txt"

PIP_SEMANTICS = (
    # pip takes the best version from all indexes, where uv stops at the first index that has the name.
    *("--index-strategy", "unsafe-best-match"),
    # pip knows nothing of pyproject.toml's [tool.uv]; an app that wants it is a uv project.
    *("--no-config", "--no-sources"),
)


class RequirementsTxt:
    """The manager of apps with a requirements.txt."""

    name: ClassVar[str] = "requirements.txt"

    def find(self, project: Project) -> str | None:
        """Return requirements.txt if it is there, even as a directory: reading it says what is wrong."""
        return FILE if project.has(FILE) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the files, without what those depend on."""
        return read_requirement_files(project, FILE).names

    def declaration(self, project: Project) -> str:
        """Return every line of every file that counts."""
        files = read_requirement_files(project, FILE)
        return "".join(f"{line.file}:{line.text}\n" for line in files.lines)

    def resolve(self, bench: Workbench) -> Resolution:
        """Ask the index, unless every requirement is hashed, in which case there is nothing to ask."""
        files = read_requirement_files(bench.project, FILE)
        if files.is_hashed:
            return Resolution.of(self.declaration(bench.project), "every requirement is pinned by its hash")
        if not files.lines:
            return Resolution.of("", f"{FILE} is empty")
        output = bench.scratch / "resolution.txt"
        argv = (
            *("pip", "compile", FILE, "--quiet", "--no-header", "--no-annotate"),
            *("--python", str(bench.uv.python), "--python-version", bench.python_version),
            *("--output-file", str(output)),
            *PIP_SEMANTICS,
        )
        finished = _run(bench, argv, show=False)
        if finished.status != 0:
            for line in finished.output.splitlines():
                bench.reporter.output(line)
            raise explain(finished, FILE)
        return Resolution.of(output.read_text(encoding="utf-8"), "resolved against the package index for this build")

    def install(self, bench: Workbench, resolution: Resolution, venv: Path) -> None:
        """Install what the files ask for, at the versions of the resolution."""
        files = read_requirement_files(bench.project, FILE)
        if not files.lines:
            return
        argv = (
            *("pip", "install", "--python", str(venv / "bin" / "python"), "--requirements", FILE),
            *_exactly(bench, files, resolution),
            *PIP_SEMANTICS,
        )
        finished = _run(bench, argv, show=True)
        if finished.status != 0:
            raise explain(finished, FILE)


def _exactly(bench: Workbench, files: RequirementFiles, resolution: Resolution) -> tuple[str, ...]:
    """Return the options that hold uv to the resolution, or to the hashes in the files."""
    if files.is_hashed:
        return ("--require-hashes",)
    pins = [line for line in resolution.text.splitlines() if "==" in line and " @ " not in line]
    path = bench.scratch / "constraints.txt"
    path.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return ("--constraints", str(path))


def _run(bench: Workbench, argv: tuple[str, ...], *, show: bool) -> Finished:
    return bench.runner.run(
        Command(
            (str(bench.uv.executable()), *argv), bench.uv.environment(bench.env), cwd=bench.project.root, show=show
        )
    )
