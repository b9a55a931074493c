"""The command ``bin/explain``: what a build of a directory, or of a git repository, would do, and why."""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from cnb.errors import BuildpackError
from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.decide.recipe import to_json
from python_buildpack.decide.recipe_text import recipe_lines
from python_buildpack.explain import explain
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.fetching.http import HttpFetcher
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.secrets.credentials import credentials_in_files, credentials_in_variables
from python_buildpack.secrets.redact import Redactor, redact
from python_buildpack.settings.values import Settings
from python_buildpack.wiring import load_inventory

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""The kernel's names, and those of the CNB specification."""
_GIT_SECONDS = 300.0


class RepositoryNotCloned(BuildpackError):
    """``explain`` was asked about a git repository that git could not get."""

    code = "repository-not-cloned"
    title = "The repository could not be cloned"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "app", metavar="DIR|URL", type=_place, help="the app's source, or a git repository: URL, or URL#BRANCH"
    )
    parser.add_argument("--json", action="store_true", help="print what docs/schemas has the schema of")
    parser.add_argument(
        "--env", metavar="NAME=VALUE", type=_variable, action="append", default=[], help="a variable of the build"
    )


def main(argv: Sequence[str], buildpack_dir: Path, out: TextIO, err: TextIO) -> int:
    """Write what a build would do. Returns 1 if it would end with an error, which is then explained."""
    summary = "Say what a build of an app would do, and why, without building it."
    parser = argparse.ArgumentParser(prog="bin/explain", description=summary)
    add_arguments(parser)
    return run(parser.parse_args(argv), buildpack_dir, out, err)


def run(arguments: argparse.Namespace, buildpack_dir: Path, out: TextIO, err: TextIO) -> int:
    """Write what the arguments ask for, without what a build's log would hide. Returns the exit status."""
    env = dict(arguments.env)
    reporter = TextReporter(err)
    reporter.hide(credentials_in_variables(env))
    try:
        with app_at(str(arguments.app)) as app:
            secrets = (*credentials_in_variables(env), *credentials_in_files(app, env, KNOWN_FILES))
            reporter.hide(secrets)
            reporter.set_places(app, "", "")
            inventory = load_inventory(buildpack_dir, Settings(env), HttpFetcher(reporter.line))
            arch = _ARCHITECTURES.get(platform.machine(), platform.machine())
            recipe = explain(app, env, inventory, arch, datetime.now(UTC).date())
    except BuildpackError as error:
        reporter.failure(error)
        return 1
    redactor = Redactor()
    redactor.learn(secrets)
    text = json.dumps(to_json(recipe), indent=2) if arguments.json else "\n".join(recipe_lines(recipe))
    out.write(f"{redactor.redact(text)}\n")
    return os.EX_OK


@contextmanager
def app_at(place: str) -> Iterator[Path]:
    """Yield the directory of the app: of a URL, a clone that is removed afterwards. Raises RepositoryNotCloned."""
    if Path(place).is_dir():
        yield Path(place).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="explain-") as folder:
        url, _, branch = place.partition("#")
        clone = Path(folder) / "app"
        argv = ("git", "clone", "--quiet", "--depth", "1", *(("--branch", branch) if branch else ()), "--", url)
        # Nobody is there to be asked, a transport of git may be any program, and its words are part of an error.
        env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file"}
        env |= {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}
        command = Command((*argv, str(clone)), env, show=False, seconds=_GIT_SECONDS)
        finished = SubprocessRunner().run(command)
        if finished.status != 0:
            raise RepositoryNotCloned(
                f"git says of {redact(url)}: {redact(finished.output.strip())}",
                "Check the address and the branch, or clone it yourself and name the directory.",
            )
        yield clone


def _place(text: str) -> str:
    """Return the name of a directory or the URL of a repository, or explain why it is neither."""
    is_url = "://" in text or (":" in text and "@" in text.partition(":")[0])
    if Path(text).is_dir() or (is_url and not text.startswith("-")):
        return text
    raise argparse.ArgumentTypeError(f"{text} is not a directory" if Path(text).exists() else f"{text} does not exist")


def _variable(text: str) -> tuple[str, str]:
    """Return the name and the value of ``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text} is not of the form NAME=VALUE")
    return name, value
