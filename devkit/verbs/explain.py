"""Say what a build of DIR would do, and why, without building it."""

import argparse
import json
import os
from datetime import UTC, datetime

from cnb.errors import BuildpackError
from devkit.errors import DevkitError
from devkit.machine import machine_arch
from devkit.recipes import recipe_of
from devkit.verbs.arguments import app_directory, variable
from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.decide.recipe import to_json
from python_buildpack.decide.recipe_text import recipe_lines
from python_buildpack.secrets.credentials import credentials_in_files, credentials_in_variables
from python_buildpack.secrets.redact import Redactor


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
    redactor.learn((*credentials_in_variables(env), *credentials_in_files(arguments.app, env, KNOWN_FILES)))
    try:
        recipe = recipe_of(arguments.app, env, machine_arch(), datetime.now(UTC).date())
    except BuildpackError as error:
        raise DevkitError(redactor.redact(f"{error.what} {error.cure}")) from error
    print(redactor.redact(json.dumps(to_json(recipe), indent=2) if arguments.json else "\n".join(recipe_lines(recipe))))
    return os.EX_OK
