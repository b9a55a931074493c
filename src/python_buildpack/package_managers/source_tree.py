"""Installing the app itself with its dependencies, where nothing is locked: resolved by uv, in editable mode."""

from pathlib import Path

from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.interface import InstallContext, Resolution
from python_buildpack.package_managers.local_files import find_links_content, uv_find_links
from python_buildpack.package_managers.source_guard import source_unchanged
from python_buildpack.package_managers.tool_runs import compile_with_uv, run_uv


def resolve_source_tree(context: InstallContext, file: str, choices: Choices) -> Resolution:
    """Return what the declarations in ``file`` resolve to now; its build backend is asked for what is dynamic."""
    with source_unchanged(context) as env:
        text = compile_with_uv(context, (file, *choices.options()), file, env)
    local = find_links_content(context.project.root, uv_find_links(context.project, context.env))
    because = f"{file} has no lock beside it, so it was resolved against the index for this build"
    return Resolution.of(text + local, because)


def install_source_tree(
    context: InstallContext, resolution: Resolution, venv: Path, file: str, *, itself: bool
) -> None:
    """Install exactly the resolution and, if ``itself``, the app in editable mode: its source stays where it is."""
    pins = context.scratch / "pins.txt"
    pins.write_text(resolution.text, encoding="utf-8")
    asked = ("--requirements", str(pins)) if resolution.text.strip() else ()
    app = ("--editable", ".") if itself else ()
    if not asked and not app:
        return
    # The resolution is complete; resolving again could only differ from it.
    argv = ("pip", "install", "--exact", "--python", str(venv / "bin" / "python"), "--no-deps", *asked, *app)
    with source_unchanged(context) as env:
        finished = run_uv(context, argv, env, show=True)
    if finished.status != 0:
        raise explain_failure(context, finished, file)
