"""Decides what a build would do: for ``./dev explain``, and for the recipes of the samples."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from devkit.paths import CHECKOUT
from python_buildpack.decide.recipe import Recipe
from python_buildpack.explain import explain
from python_buildpack.interpreters.inventory import Inventory
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.settings.table import INVENTORY
from python_buildpack.settings.values import Settings
from python_buildpack.wiring import load_inventory


def recipe_of(app: Path, env: Mapping[str, str], arch: str, today: date) -> Recipe:
    """Return what a build of ``app`` would do. Raises BuildpackError."""
    settings = Settings(env)
    elsewhere = settings.get(INVENTORY) is not None
    inventory = load_inventory(CHECKOUT, settings, HttpFetcher(print)) if elsewhere else _own_inventory()
    return explain(app, env, inventory, arch, today)


@cache
def _own_inventory() -> Inventory:
    """Return the checkout's inventory, which takes longer to read than most recipes to decide."""
    return load_inventory(CHECKOUT, Settings({}), HttpFetcher(print))
