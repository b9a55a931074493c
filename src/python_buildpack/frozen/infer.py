"""Asks the pins of an app that names no Python which one they still run on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from packaging.version import Version

from python_buildpack.interpreter.inventory import Inventory
from python_buildpack.managers.local_files import vendored_sources
from python_buildpack.managers.requirement_files import read_requirement_files
from python_buildpack.managers.requirements_txt import FILE
from python_buildpack.ports import CommandRunner
from python_buildpack.project import Project
from python_buildpack.recipe import Recipe
from python_buildpack.tools.uv import Uv

if TYPE_CHECKING:
    from python_buildpack.frozen.search import Inferred


def infer_from_pins(
    project: Project, recipe: Recipe, inventory: Inventory, uv: Uv, env: Mapping[str, str], runner: CommandRunner
) -> "Inferred | None":
    """Return an older minor version than the default, if the app's pins do not run on the default; else None.

    Only a requirements.txt is asked: the locks of other tools say themselves which Python they are for. It takes a few
    tenths of a second, on the first build of an app; the version is then remembered with the image.
    """
    if recipe.python.origin != "default" or recipe.manager.file != FILE:
        return None
    # Not at the top: only the first build of an app comes here.
    from python_buildpack.frozen.pins import read_pins  # noqa: PLC0415
    from python_buildpack.frozen.search import infer_minor  # noqa: PLC0415
    from python_buildpack.frozen.table import read_table  # noqa: PLC0415
    from python_buildpack.frozen.trial import index_trial  # noqa: PLC0415

    lines = read_requirement_files(project, FILE).lines
    pins = read_pins(lines)
    if not pins:
        return None
    trial = index_trial(uv, env, runner, vendored_sources(lines, project.root))
    return infer_minor(pins, minors_from(inventory, recipe.python.interpreter.arch), read_table(), trial)


def minors_from(inventory: Inventory, arch: str) -> tuple[str, ...]:
    """Return the minor versions that an app may be given, the default first, then older and older ones."""
    there = {
        found.minor
        for found in inventory.interpreters
        if (found.arch, found.variant) == (arch, "default") and not found.version.is_prerelease
    }
    ordered = sorted(there, key=Version, reverse=True)
    return tuple(minor for minor in ordered if Version(minor) <= Version(inventory.default))
