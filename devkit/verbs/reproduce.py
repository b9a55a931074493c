"""Build DIR twice under different conditions and compare the layers of the two images.

The second build has another day, number of cores, user, time zone, hash seed and directory of the source. The
exit status is 0 only if every layer has the same digest; otherwise every difference is explained.
"""

import argparse
import os

from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.reproduce.twice import Layer, readable_package, reproduce
from devkit.verbs.arguments import app_directory, variable

_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("app", metavar="DIR", type=app_directory, help="the app's source")
    parser.add_argument(
        "--env", metavar="NAME=VALUE", type=variable, action="append", default=[], help="a variable of both builds"
    )


def run(arguments: argparse.Namespace) -> int:
    """Build, compare, report. Returns 1 if any layer differs."""
    source = find_source(machine_arch())
    with readable_package(source) as packaged:
        layers = reproduce(arguments.app, dict(arguments.env), source, packaged.directory, print)
    for layer in layers:
        _tell(layer)
    different = [layer.name for layer in layers if not layer.is_equal]
    print(f"different: {', '.join(different)}" if different else f"{len(layers)} layers, identical digests")
    return 1 if different else os.EX_OK


def _tell(layer: Layer) -> None:
    print(f"{layer.name}: {layer.digests[0] if layer.is_equal else f'{layer.digests[0]}, then {layer.digests[1]}'}")
    for difference in layer.differences[:_SHOWN]:
        print(f"  {difference.path}: {difference.what}")
    if len(layer.differences) > _SHOWN:
        print(f"  and {len(layer.differences) - _SHOWN} more")
