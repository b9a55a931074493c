"""Kinds of argument that several verbs take, each with a clear word for what does not fit."""

import argparse
from pathlib import Path

from devkit.machine import ARCHITECTURES


def app_directory(text: str) -> Path:
    """Return the directory of an app, or explain why this is none."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a directory" if path.exists() else f"{text} does not exist")
    return path.resolve()


def variable(text: str) -> tuple[str, str]:
    """Return the name and the value of ``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text} is not of the form NAME=VALUE")
    return name, value


def target_arch(text: str) -> str:
    """Return the architecture of a target such as linux/arm64."""
    system, _, arch = text.partition("/")
    if system != "linux" or arch not in ARCHITECTURES.values():
        raise argparse.ArgumentTypeError(f"{text} is not a target; there are: linux/amd64, linux/arm64")
    return arch
