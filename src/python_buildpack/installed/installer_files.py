"""Makes of an installation what belongs into an image: nothing of the installer, nothing that varies."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from python_buildpack.installed.dist_info import change_record
from python_buildpack.installed.termination import TERMINATION_PTH

_REQUESTED = "REQUESTED"
"""Marks what was asked for by name (PEP 376). Of use to uninstallers only, and it would tell apart equal packages."""


def remove_installer_files(venv: Path, site: Path) -> None:
    """Remove what is of no use at launch, and add what is."""
    for leftover in _leftovers(venv):
        leftover.unlink()
    for marker in sorted(site.glob(f"*.dist-info/{_REQUESTED}")):
        change_record(marker.parent, partial(_without, f"{marker.parent.name}/{marker.name},"))
        marker.unlink()
    (site / "terrarium_sigterm.pth").write_text(TERMINATION_PTH, encoding="utf-8")


def _leftovers(venv: Path) -> Iterator[Path]:
    yield from venv.glob(".lock")
    yield from venv.glob("bin/[Aa]ctivate*")
    yield from venv.glob(".gitignore")
    yield from venv.glob("CACHEDIR.TAG")


def _without(beginning: str, record: str) -> str:
    return "".join(line for line in record.splitlines(keepends=True) if not line.startswith(beginning))
