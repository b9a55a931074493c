"""Resolves and installs what has no lock, with uv: a file that uv compiles and, if wanted, the app itself."""

from pathlib import Path

from python_buildpack.app.documents import PYPROJECT
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.index_resolution import (
    bound_options,
    compile_from_indexes,
    local_places,
    read_app_indexes,
    sources_named,
    variables_of,
)
from python_buildpack.package_managers.interface import InstallContext, Resolution
from python_buildpack.package_managers.local_files import find_links_content, uv_find_links
from python_buildpack.package_managers.policy import check_encrypted, with_lines
from python_buildpack.package_managers.project_file import project_choices
from python_buildpack.package_managers.source_guard import source_guarded, source_unchanged
from python_buildpack.package_managers.tool_runs import compile_with_uv, run_uv


def resolve_source_tree(
    context: InstallContext, file: str, choices: Choices, files: tuple[str, ...] = ()
) -> Resolution:
    """Return the resolution of ``file`` on the index as it is now. The build backend computes dynamic dependencies.

    ``files`` are resolved together instead where the file is that of a workspace: those of its members. Raises
    IndexUnknown, IndexUnclear, VariableUnset and the errors of ``failures``.
    """
    indexes = read_app_indexes(context, choices)
    named = with_lines(sources_named(context.project, indexes), PYPROJECT, context.project.text(PYPROJECT) or "")
    check_encrypted(context.settings, context.env, named)
    argv = (*(files or (file,)), *choices.options())
    with source_unchanged(context) as env:
        if indexes is None:
            text = compile_with_uv(context, argv, file, env)
        else:
            text = compile_from_indexes(context, argv, file, indexes, env)
    places = (*uv_find_links(context.project, context.env), *(local_places(indexes) if indexes else ()))
    local = find_links_content(context.project.root, places)
    because = "there is no lock beside it, so it was resolved against the index for this build"
    return Resolution.of(text + local, because)


def install_source_tree(
    context: InstallContext, resolution: Resolution, venv: Path, file: str, editable: tuple[str, ...] = ()
) -> None:
    """Install exactly the resolution and the projects in some directories in editable mode. Raises BuildpackError."""
    indexes = read_app_indexes(context, project_choices(context.project, context.settings))
    requirements: tuple[str, ...]
    if indexes is None:
        pins = context.scratch / "pins.txt"
        pins.write_text(resolution.text, encoding="utf-8")
        requirements = ("--requirements", str(pins)) if resolution.text.strip() else ()
    else:
        requirements = bound_options(context, resolution.text, indexes.rules)
    app = tuple(word for directory in editable for word in ("--editable", directory))
    if not requirements and not app:
        return
    # --no-deps: the resolution is complete, and resolving again could give other versions.
    argv = ("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), "--no-deps", *requirements, *app)
    with source_guarded(context) as env:
        variables = {**env, **variables_of(indexes, context)} if indexes else env
        finished = run_uv(context, argv, variables, show=True)
    if finished.status != 0:
        raise explain_failure(context, finished, file)
