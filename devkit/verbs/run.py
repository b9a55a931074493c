"""Run a command in the image that ./dev build made of DIR: ./dev run DIR -- python manage.py migrate.

The command has the environment of the image's processes. Without one, the default process is started. The exit status
is that of the command, or 1 if there is no image.
"""

import argparse
from pathlib import Path

from devkit.build_locally import run_in_image, state_directory
from devkit.env_files import read_env_file
from devkit.verbs.arguments import app_directory, variable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    _add_options(parser)
    parser.add_argument("app", metavar="DIR", type=app_directory, help="the app's source")
    parser.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER, help="after --: the command")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--env", metavar="NAME=VALUE", type=variable, action="append", default=[], help="a variable of the container"
    )
    parser.add_argument("--env-file", metavar="FILE", type=Path, help="a file with lines NAME=VALUE, for the container")
    parser.add_argument("--process", metavar="TYPE", help="start this process of the image")


def run(arguments: argparse.Namespace) -> int:
    """Run the command, pass on its output, and return its exit status."""
    command = arguments.command
    if command[:1] and command[0].startswith("-"):
        # Options may follow on the directory, too: all up to -- are ours.
        end = command.index("--") if "--" in command else len(command)
        parser = argparse.ArgumentParser(prog="./dev run")
        _add_options(parser)
        parser.parse_args(command[:end], namespace=arguments)
        command = command[end + 1 :]
    env = {**(read_env_file(arguments.env_file) if arguments.env_file else {}), **dict(arguments.env)}
    return run_in_image(state_directory(arguments.app), command, env, arguments.process)
