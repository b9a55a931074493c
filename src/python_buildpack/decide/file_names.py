"""Notices about files and variables that are not read: misspelt names, and those of other platforms. Pure."""

from python_buildpack.app.declared_settings import tables_elsewhere
from python_buildpack.app.known_files import meant_by
from python_buildpack.app.project import ENVIRONMENT_MARKER, Project
from python_buildpack.decide.exec_env import TEST, exec_env
from python_buildpack.decide.own_tests import APP_JSON
from python_buildpack.decide.process_plan.platform_files import notice_platform_files
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.declared import TABLE
from python_buildpack.settings.unknown import foreign, unknown
from python_buildpack.settings.values import Settings

_MOST_NAMED = 10


def notice_names(project: Project, settings: Settings) -> tuple[Notice, ...]:
    """Return a notice for each name that looks misspelt, for virtual environments in the source, and the like."""
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
    files = (*misspelt, *committed, *_lfs_pointers(project))
    read = frozenset({APP_JSON}) if exec_env(settings) == TEST else frozenset[str]()
    files = (*files, *notice_platform_files(project, settings.env, read=read))
    return (*files, *_unknown(settings), *_foreign(settings), *_declared(project, settings))


def _lfs_pointers(project: Project) -> tuple[Notice, ...]:
    """Return one notice of the files that Git LFS has not fetched."""
    found = project.lfs_pointers
    if not found:
        return ()
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return (
        Notice(
            "Files are Git LFS pointers",
            f"{', '.join(found[:_MOST_NAMED])}{more}: what is there is not the content, but a few lines that say where "
            "Git LFS keeps it. Run git lfs pull before you build from a checkout; on a platform that fetches the "
            "repository itself, turn on Git LFS there, or have bin/pre_compile download the files.",
        ),
    )


def _unknown(settings: Settings) -> tuple[Notice, ...]:
    """Return one notice of all variables that look like settings and are none."""
    lines = [
        f"{name} is not a setting of this buildpack{f'; {meant} is' if meant else ''}."
        for name, meant in unknown(settings.env)
    ]
    text = "\n".join((*lines, "All settings are in docs/configuration.md."))
    return (Notice("A variable is not known, or misspelt", text),) if lines else ()


def _declared(project: Project, settings: Settings) -> tuple[Notice, ...]:
    """Return one notice of what is not read of [tool.terrarium], and of files whose table has no effect."""
    lines = (*settings.declared.without_effect, *tables_elsewhere(project, settings.declared))
    return (Notice(f"{TABLE} has settings without effect", "\n".join(lines)),) if lines else ()


def _foreign(settings: Settings) -> tuple[Notice, ...]:
    """Return one notice of all variables of other builders that have no effect here."""
    lines = [f"{name} ({row.builder}) is not read. {row.instead}" for name, row in foreign(settings.env)]
    return (Notice("Variables of other builders have no effect", "\n".join(lines)),) if lines else ()
