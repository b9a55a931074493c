"""Build DIR and start it: as the lifecycle would on this machine, without Docker, or with the real pack (--pack).

Shows the answer of the app over HTTP, its log, and what took how long. The exit status is 0 only if the build
succeeded and the app, if its expect.toml says what it must do, does it.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from devkit.build_locally import build_locally
from devkit.build_with_pack import build_with_pack
from devkit.env_files import read_env_file
from devkit.serving import Wish
from devkit.verbs.arguments import app_directory, variable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("app", metavar="DIR", type=app_directory, help="the app's source")
    parser.add_argument(
        "--env", metavar="NAME=VALUE", type=variable, action="append", default=[], help="a variable of the build"
    )
    parser.add_argument(
        "--run-env",
        metavar="NAME=VALUE",
        type=variable,
        action="append",
        default=[],
        help="a variable of the container",
    )
    parser.add_argument("--env-file", metavar="FILE", type=Path, help="a file with lines NAME=VALUE, for the container")
    parser.add_argument("--pack", action="store_true", help="use the real pack and lifecycle, in Docker")
    parser.add_argument("--serve", action="store_true", help="keep the app running until it ends or Ctrl-C")
    parser.add_argument("--clean", action="store_true", help="remove the previous image and cache of this app")
    parser.add_argument("--no-start", action="store_true", help="only build")
    parser.add_argument("--port", type=int, default=0, help="the port of the app; a free one if not given")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for an answer")


def run(arguments: argparse.Namespace) -> int:
    """Build, start, ask, stop. Returns 0, or the status of what failed."""
    wish = Wish.read(arguments.app, serve=arguments.serve, port=arguments.port, timeout=arguments.timeout)
    env = {**(read_env_file(arguments.env_file) if arguments.env_file else {}), **dict(arguments.run_env)}
    wish = replace(wish, env={**wish.env, **env})
    build = build_with_pack if arguments.pack else build_locally
    status = build(arguments.app, dict(arguments.env), None if arguments.no_start else wish, clean=arguments.clean)
    return status or os.EX_OK
