"""``./dev``: one command for people, a verb for each thing they do. Verbs are modules in ``devkit.verbs``."""

import argparse
import os
import signal
import sys
from typing import NoReturn

from cnb.errors import BuildpackError
from devkit.errors import DevkitError
from devkit.verbs import bench, build, docs, explain, lint, mirror, package, refresh, release, reproduce, run, test
from python_buildpack.ports.reporter import TextReporter

VERBS = (build, run, explain, package, test, lint, bench, mirror, reproduce, refresh, docs, release)


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line, with all verbs."""
    parser = argparse.ArgumentParser(prog="./dev", description="Build, explain, package and test Terrarium.")
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        name = verb.__name__.rpartition(".")[2]
        summary = (verb.__doc__ or "").strip()
        subparser = subparsers.add_parser(name, help=summary.splitlines()[0], description=summary)
        verb.add_arguments(subparser)
        subparser.set_defaults(run=verb.run)
    return parser


def main() -> NoReturn:
    """Run the verb that the command line names, and exit with its status: 2 for a command line that fits no verb."""
    arguments = command_line().parse_args()
    # As an exception, so that a served app, a container or a server is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(arguments.run(arguments))
    except DevkitError as error:
        print(f"./dev {arguments.verb}: {error}", file=sys.stderr)
        sys.exit(1)
    except BuildpackError as error:
        TextReporter(sys.stderr).failure(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read the output has had enough (``| head``).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
