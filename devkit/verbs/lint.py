"""Check style and types: ruff's rules and format, mypy strict; and the workflows, by actionlint and zizmor."""

import argparse
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from devkit.go_programs import go_program
from devkit.paths import CHECKOUT

_BINARIES = CHECKOUT / ".venv" / "bin"
_EXAMPLE = "docs/platforms/github-actions.yml"
"""A workflow that users copy: it has to be as safe as our own."""

_SCHEMAS = {
    "github-issue-forms": ".github/ISSUE_TEMPLATE/[!c]*.yml",
    "github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "dependabot": ".github/dependabot.yml",
}
"""Files that GitHub ignores without a word if they are not what it expects: check-jsonschema's name, and which."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--fix", action="store_true", help="format, and correct what can be corrected safely")


def run(arguments: argparse.Namespace) -> int:
    """Run every tool, so that one run shows all there is to mend. Returns 1 if any of them finds something."""
    if arguments.fix:
        for argv in (("check", "--fix", "--quiet", "."), ("format", "--quiet", ".")):
            _succeeds([_BINARIES / "ruff", *argv])
    failed = [name for name, argv in _tools() if not _succeeds(argv)]
    print(f"lint: {'failed: ' + ', '.join(failed) if failed else 'clean'}")
    return 1 if failed else os.EX_OK


def _tools() -> list[tuple[str, Sequence[str | Path]]]:
    """Return the name and the command line of each tool that this machine can run."""
    tools: list[tuple[str, Sequence[str | Path]]] = [
        ("ruff check", [_BINARIES / "ruff", "check", "--quiet", "."]),
        ("ruff format", [_BINARIES / "ruff", "format", "--check", "--quiet", "."]),
        ("mypy", [_BINARIES / "mypy", "src", "devkit", "tests"]),
        *((f"schema {name}", _schema(name, files)) for name, files in _SCHEMAS.items()),
        # Without the network: what it asks GitHub for is known from the comment beside each commit.
        ("zizmor", [_BINARIES / "zizmor", "--offline", "--quiet", ".github", _EXAMPLE]),
    ]
    if shutil.which("go") or os.environ.get("CI"):
        workflows = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
        program = go_program("actionlint", "github.com/rhysd/actionlint/cmd/actionlint")
        tools.append(("actionlint", [program, "-shellcheck=", *workflows, _EXAMPLE]))
    else:
        print("lint: the workflows are not checked by actionlint, which is built with Go: Go is missing.")
    return tools


def _schema(name: str, files: str) -> list[str | Path]:
    paths = sorted(CHECKOUT.glob(files))
    return [_BINARIES / "check-jsonschema", "--quiet", "--builtin-schema", f"vendor.{name}", *paths]


def _succeeds(argv: Sequence[str | Path]) -> bool:
    return subprocess.run(argv, cwd=CHECKOUT, check=False).returncode == 0
