"""Removes metadata of the app's own packages that was uploaded with the source, as ``src/shop.egg-info``.

A developer's machine left it there, perhaps versions ago. Where its directory is early on sys.path (the app's own is,
for most servers), Python takes it for the metadata of what is installed: an old version, old entry points.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from packaging.utils import canonicalize_name

from cnb.trees import remove
from python_buildpack.app.project import Project
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.dependencies.app_inputs import METADATA
from python_buildpack.ports.interfaces import Reporter


def remove_stale_metadata(
    project: Project, own: Collection[str], installed: InstalledDistributions, reporter: Reporter
) -> None:
    """Remove the metadata directories in the app of those distributions that were installed from the app, and say so.

    ``own`` has their normalised names.
    """
    for path, name in _uploaded(project):
        if name not in own:
            continue
        folder = project.root / path
        # A link may lead to a directory that is needed elsewhere.
        if folder.is_dir() and not folder.is_symlink():
            remove(folder)
            reporter.line(
                f"{path} is left out of the image: {name} {installed.version(name) or ''}".rstrip()
                + " is installed, with metadata of its own"
            )


def _uploaded(project: Project) -> Iterator[tuple[str, str]]:
    """Yield path and normalised name of each metadata directory in the app."""
    for path in sorted(project.directories):
        name = Path(path).name
        if name.endswith(METADATA):
            yield path, canonicalize_name(name.rpartition(".")[0].partition("-")[0])
