"""Explains what a build would do, without building: the pure steps of the same sequence."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from cnb.frozen import replace
from python_buildpack.app.project import scan
from python_buildpack.decide.decide import decide, decide_launch
from python_buildpack.decide.development import LAYER as DEVELOPMENT
from python_buildpack.decide.pins.infer import infer_from_pins
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.decide.recipe import Recipe
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.interpreters.inventory import Inventory
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.platform.subdirectory import app_folder
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings

LAYERS = Path("/layers/terrarium_python")
"""The directory of this buildpack's layers with most builders (CNB spec, Platform)."""

INDEX_NOT_ASKED = Notice(
    "The package index was not asked",
    "A first build also asks it whether the pins have wheels for this Python, and takes an older Python if not.",
)


def explain(app: Path, env: Mapping[str, str], inventory: Inventory, arch: str, today: date) -> Recipe:
    """Return what a build of the directory ``app`` would do.

    ``env`` are the variables of the build, ``arch`` is the target's architecture as the CNB specification names it.
    Only distributions that the app declares count as installed: those that they need in turn are not known. Raises
    BuildpackErrors for what the app or the user has to correct.
    """
    folder = app_folder(app, env)
    settings = Settings(folder.env)
    settings.check()
    project = scan(folder.path)
    recipe = decide(project, settings, DecisionInputs(arch, inventory, today, infer=infer_from_pins))
    if recipe.pins.is_index_needed:
        recipe = replace(recipe, notices=(*recipe.notices, INDEX_NOT_ASKED))
    declared = manager_named(recipe.manager.name, settings).declared(project)
    launch = decide_launch(project, settings, recipe, InstalledDistributions.declared(declared), LAYERS / DEVELOPMENT)
    return recipe.with_processes(launch.plan)
