"""Say what a build of DIR would do, and why, without building it."""

import argparse
import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import replace
from devkit.errors import DevkitError
from devkit.machine import machine_arch
from devkit.paths import CHECKOUT
from devkit.verbs.arguments import app_directory, variable
from python_buildpack.app.project import scan
from python_buildpack.build import load_inventory
from python_buildpack.decide.manager import decide
from python_buildpack.decide.pins.infer import ask_pins
from python_buildpack.decide.processes.decide import decide_processes
from python_buildpack.decide.python import DecisionInputs
from python_buildpack.decide.recipe import Notice, Recipe, to_json
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.package_managers.interface import Pinned
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.secrets.credentials import credentials_in_files, credentials_in_variables
from python_buildpack.secrets.redact import Redactor
from python_buildpack.settings import Settings

INDEX_NOT_ASKED = Notice(
    "The package index was not asked",
    "A first build also looks up whether the pins have wheels for this Python, and takes an older one if they do not.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("app", metavar="DIR", type=app_directory, help="the app's source")
    parser.add_argument("--json", action="store_true", help="print the recipe as JSON")
    parser.add_argument(
        "--env", metavar="NAME=VALUE", type=variable, action="append", default=[], help="a setting of the build"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the recipe, without what a build's log would hide. Raises DevkitError for what a build would refuse."""
    env, redactor = dict(arguments.env), Redactor()
    redactor.learn((*credentials_in_variables(env), *credentials_in_files(arguments.app, env)))
    try:
        recipe = recipe_of(arguments.app, env, machine_arch(), datetime.now(UTC).date())
    except BuildpackError as error:
        raise DevkitError(redactor.redact(f"{error.what} {error.cure}")) from error
    print(redactor.redact(json.dumps(to_json(recipe), indent=2) if arguments.json else _as_text(recipe)))
    return os.EX_OK


def recipe_of(app: Path, env: Mapping[str, str], arch: str, today: date) -> Recipe:
    """Return what a build of ``app`` would do; what is installed is taken from what the app declares."""
    settings = Settings(env)
    project = scan(app)
    inventory = load_inventory(CHECKOUT, settings, HttpFetcher(print))
    inputs = DecisionInputs(arch, inventory, today)
    recipe = decide(project, settings, inputs)
    manager = manager_named(recipe.manager.name, settings)
    pinned = manager.pinned(project) if recipe.python.alternatives else Pinned()
    inferred = ask_pins(pinned, recipe.python, None)
    recipe = decide(project, settings, replace(inputs, inferred=inferred))
    if pinned.versions and pinned.wheels is None:
        recipe = replace(recipe, notices=(*recipe.notices, INDEX_NOT_ASKED))
    declared = InstalledDistributions.declared(manager.declared(project))
    return recipe.with_processes(decide_processes(project, declared, env))


def _as_text(recipe: Recipe) -> str:
    lines = [f"Python {recipe.python.interpreter.version}: {recipe.python.because}"]
    lines.append(f"Package manager {recipe.manager.name}: {recipe.manager.because}")
    plan = recipe.processes
    if plan is not None:
        lines += [
            f"Process {process.type}{' (default)' if process.default else ''}: {process.line}: {process.because}"
            for process in plan.processes
        ]
        lines += [f"Not all of the app was looked at: {limit}" for limit in plan.limits]
        lines += [f"Advice: {advice.title}: {advice.text}" for advice in plan.advice]
    lines += [f"Notice: {notice.title}: {notice.text}" for notice in recipe.notices]
    return "\n".join(lines)
