"""Checks an installation for faults that would otherwise be seen only when the app crashes."""

from pathlib import Path

from python_buildpack.installed.missing_libraries import advice, find_missing
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.ports.interfaces import Command


def inspect_environment(
    context: InstallContext, venv: Path, interpreter: Path, elsewhere: frozenset[str] = frozenset()
) -> None:
    """Warn about packages with conflicting requirements and about shared libraries that are missing.

    ``elsewhere`` are the names of libraries that the image will have, though they are not on disk now.
    """
    _report_conflicts(context, venv)
    missing = find_missing(venv, interpreter, context.env)
    missing = tuple(one for one in missing if one.library not in elsewhere)
    if missing:
        context.reporter.warning(
            "Shared libraries are missing",
            "\n".join(map(advice, missing))
            + "\nWithout them the import fails when the app runs. Add the packages to the "
            "build and run images (an apt buildpack before this one does that), or take a package that brings its own, "
            "such as opencv-python-headless or psycopg2-binary.",
        )


def _report_conflicts(context: InstallContext, venv: Path) -> None:
    argv = (str(context.uv.executable()), "pip", "check", "--no-config", "--python", str(venv / "bin" / "python"))
    finished = context.runner.run(Command(argv, context.uv.environment(context.env), cwd=context.scratch, show=False))
    conflicts = [line for line in finished.output.splitlines() if line.startswith("The package")]
    if finished.status != 0 and conflicts:
        context.reporter.warning("Installed packages contradict each other", "\n".join(conflicts))
