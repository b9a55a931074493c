"""Removes the files that a build backend writes into the app's directory.

Extension modules are kept: without them the app could not be imported.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_buildpack.package_managers.interface import InstallContext

_EXPECTED = (".egg-info", "build", "__pycache__", ".poetry", ".pdm-build", ".eggs", "dist")
"""Suffixes of files that backends and tools write for their own use; they are removed without a warning."""
EXTENSION = ".so"
"""The suffix of extension modules, which a backend compiles into the source for an editable installation."""


@contextmanager
def source_unchanged(context: InstallContext) -> Iterator[dict[str, str]]:
    """Yield variables for the tools' environment; after the block, remove all new files in the app's directory.

    A warning names the removed files that are not expected.
    """
    root = context.project.root
    before = set(_paths(root))
    try:
        yield _elsewhere(context)
    finally:
        _remove_new(context, before)


def _elsewhere(context: InstallContext) -> dict[str, str]:
    """Return variables by which setuptools writes ``.egg-info`` outside of the source, where it may be committed."""
    if context.env.get("DIST_EXTRA_CONFIG"):
        return {}
    folder = context.scratch / "egg-info"
    folder.mkdir(exist_ok=True)
    config = context.scratch / "distutils.cfg"
    config.write_text(f"[egg_info]\negg_base = {folder}\n", encoding="utf-8")
    return {"DIST_EXTRA_CONFIG": str(config)}


def _remove_new(context: InstallContext, before: set[str]) -> None:
    root = context.project.root
    new = [path for path in _paths(root) if path not in before]
    tops = [path for path in new if os.path.dirname(path) in before or "/" not in path]  # noqa: PTH120 - text, no file
    tops = [path for path in tops if not (path.endswith(EXTENSION) and (root / path).is_file())]
    for path in tops:
        if (root / path).is_dir() and not (root / path).is_symlink():
            shutil.rmtree(root / path)
        else:
            (root / path).unlink()
    if unexpected := [path for path in tops if not path.endswith(_EXPECTED)]:
        context.reporter.warning(
            "Building the project writes into its source",
            f"{', '.join(unexpected)} came from the project's own build and is removed again: the image has the app as "
            "it was given, and a build that reuses its packages would not have made these files. If the app needs "
            "them at run time, generate them before the build, or in a hook.",
        )


def _paths(root: Path) -> Iterator[str]:
    for folder, directories, files in os.walk(root):
        if ".git" in directories:
            directories.remove(".git")
        prefix = "" if folder == str(root) else f"{os.path.relpath(folder, root)}/"
        yield from (f"{prefix}{name}" for name in (*directories, *files))
