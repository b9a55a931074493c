"""Write generated files again: inventory (upstream's interpreters), locks (our dependencies) or docs."""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from devkit.demo import PICTURE as DEMO
from devkit.demo import TEXT, picture, take_demo
from devkit.errors import DevkitError
from devkit.generated_docs import pages
from devkit.inventory import command as inventory
from devkit.log_snapshots import STORIES, snapshots
from devkit.mirror.make import make_mirror
from devkit.module_names import written_module_names
from devkit.paths import CHECKOUT, kept
from devkit.stdlib_changes import written_tables
from python_buildpack.tools.pinned import PINNED_TOOLS

OLDEST_PYTHON = "3.11"
"""The oldest minor version of Python that runs the buildpack and the devkit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    inventory.add_arguments(kinds.add_parser("inventory", help="inventory.toml, from a feed of upstream's builds"))
    locks = kinds.add_parser("locks", help="requirements/*.txt and the pins of tools, from the index")
    tools = [tool.name for tool in PINNED_TOOLS]
    locks.add_argument("tools", metavar="TOOL", nargs="*", choices=[[], *tools], help=f"of {', '.join(tools)}; or all")
    kinds.add_parser("stdlib", help="tables of modules that Pythons gained or lost, from the stubs that mypy brings")
    kinds.add_parser("modules", help="the table of modules called otherwise than their distribution, from the index")
    kinds.add_parser("demo", help="the log that README.md shows, from two builds of a sample")
    kinds.add_parser("logs", help="the logs of the samples that a test compares, from builds on this machine")
    kinds.add_parser("docs", help="pages of docs/, and the names of files that detect knows, from the code")


def run(arguments: argparse.Namespace) -> int:
    """Write the files of one kind."""
    match arguments.what:
        case "inventory":
            return inventory.run(arguments)
        case "locks":
            return _refresh_locks(arguments.tools)
        case "stdlib":
            return _write(written_tables())
        case "modules":
            return _write(written_module_names())
        case "demo":
            text = take_demo()
            return _write({TEXT: text, DEMO: picture(text)})
        case "logs":
            return _write_logs()
        case _:
            return _write(pages())


def _write_logs() -> int:
    """Build each sample in every situation, and write the logs."""
    inventory_file = make_mirror(kept() / "mirror").inventory
    for name in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            _write(snapshots(name, inventory_file, Path(folder)))
    return os.EX_OK


def _refresh_locks(tools: Collection[str]) -> int:
    """Write the pins of some tools; of all tools and of the buildpack and the devkit if none is named."""
    if not tools:
        _lock(CHECKOUT / "requirements" / "runtime.txt", "pyproject.toml")
        _lock(CHECKOUT / "requirements" / "dev.txt", "pyproject.toml", "--group", "dev")
    for tool in (tool for tool in PINNED_TOOLS if not tools or tool.name in tools):
        _lock(tool.pins, "-", requirement=tool.name, python=tool.oldest_python)
    return os.EX_OK


def _lock(path: Path, *source: str, requirement: str = "", python: str = OLDEST_PYTHON) -> None:
    """Write the newest versions of what a source for ``uv pip compile`` asks for, with their hashes.

    ``requirement`` is what "-" reads. Raises DevkitError.
    """
    name = path.relative_to(CHECKOUT)
    argv = [str(CHECKOUT / ".venv" / "bin" / "uv"), "pip", "compile", *source, "--quiet"]
    argv += ["--universal", "--python-version", python, "--generate-hashes", "--upgrade"]
    argv += ["--no-header", "--no-annotate", "--no-emit-index-url", "-o", str(name)]
    if subprocess.run(argv, cwd=CHECKOUT, input=requirement, text=True, check=False).returncode != 0:
        raise DevkitError(f"{name} could not be resolved; uv's message is above")
    print(name)


def _write(files: Mapping[str, str]) -> int:
    for path, text in files.items():
        (CHECKOUT / path).parent.mkdir(exist_ok=True)
        (CHECKOUT / path).write_text(text, encoding="utf-8")
        print(path)
    return os.EX_OK
