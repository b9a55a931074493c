"""Notices about files and variables whose names look misspelt. Pure."""

from python_buildpack.app.known_files import meant_by
from python_buildpack.app.project import ENVIRONMENT_MARKER, Project
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings, near_misses


def notice_names(project: Project, settings: Settings) -> tuple[Notice, ...]:
    """Return a notice for each name that looks misspelt, and for virtual environments in the source."""
    misspelt = (
        Notice("A file name looks misspelt", f"{name} is not read; {meant} would be. If that is meant, rename it.")
        for name in sorted(project.files)
        if (meant := meant_by(name)) is not None and not project.has(meant)
    )
    committed = (
        Notice(
            "A virtual environment is part of the source",
            f"{path.removesuffix(ENVIRONMENT_MARKER)} is not used: it was made for another machine. Remove it from the "
            "repository and ignore it.",
        )
        for path in sorted(project.files)
        if path.endswith(f"/{ENVIRONMENT_MARKER}")
    )
    variables = (
        Notice("A variable looks misspelt", f"{name} is not a setting of this buildpack; {meant} is.")
        for name, meant in near_misses(settings.env)
    )
    return (*misspelt, *committed, *variables)
