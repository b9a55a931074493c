"""Removes the installer's files from an environment: the image does not need them, and some differ in every build."""

from collections.abc import Iterator
from pathlib import Path

from python_buildpack.installed.dist_info import REQUESTED, read_dist_infos
from python_buildpack.installed.termination import TERMINATION_PTH

_OF_DISTRIBUTIONS = (REQUESTED, "uv_cache.json")
"""Only installers use these, and equal packages would differ by them: uv's has the times of the project's files."""


def remove_installer_files(venv: Path, site: Path) -> None:
    """Remove files that are not needed at launch, and add the handler of SIGTERM (see termination.py)."""
    for leftover in _leftovers(venv):
        leftover.unlink()
    for info in read_dist_infos(site):
        for name in _OF_DISTRIBUTIONS:
            if (info.folder / name).is_file():
                info.remove(name)
    (site / "terrarium_sigterm.pth").write_text(TERMINATION_PTH, encoding="utf-8")


def _leftovers(venv: Path) -> Iterator[Path]:
    yield from venv.glob(".lock")
    yield from venv.glob("bin/[Aa]ctivate*")
    yield from venv.glob(".gitignore")
    yield from venv.glob("CACHEDIR.TAG")
