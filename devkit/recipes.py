"""Decides what a build would do: for ``./dev explain``, and for the recipes of the samples."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from devkit.paths import CHECKOUT
from python_buildpack.decide.recipe import Recipe
from python_buildpack.explain import explain
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.settings.values import Settings
from python_buildpack.wiring import load_inventory


def recipe_of(app: Path, env: Mapping[str, str], arch: str, today: date) -> Recipe:
    """Return what a build of ``app`` would do. Raises BuildpackError."""
    inventory = load_inventory(CHECKOUT, Settings(env), HttpFetcher(print))
    return explain(app, env, inventory, arch, today)
