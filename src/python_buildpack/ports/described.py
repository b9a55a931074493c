"""Describes the programs that a build runs, for BP_LOG_LEVEL=debug: what was run, where, with which variables."""

import shlex
import time

from python_buildpack.ports.interfaces import Command, CommandRunner, Finished, Reporter


class DescribingRunner:
    """Implements interfaces.CommandRunner on another one."""

    def __init__(self, runner: CommandRunner, reporter: Reporter) -> None:
        self._runner = runner
        self._reporter = reporter

    def run(self, command: Command) -> Finished:
        """Run ``command``; print it before, and its status, its seconds and what it kept to itself after."""
        self._reporter.detail(f"$ {shlex.join(map(_shown, command.argv))}")
        self._reporter.detail(f"  in {command.cwd or 'the directory of the build'}")
        # Values may be secrets, and most of them are long.
        self._reporter.detail(f"  with the variables {', '.join(sorted(command.env)) or '(none)'}")
        began = time.monotonic()
        finished = self._runner.run(command)
        if not command.show:
            for line in finished.output.splitlines():
                self._reporter.detail(f"| {line}")
        self._reporter.detail(f"  status {finished.status} after {time.monotonic() - began:.2f} s")
        return finished


def _shown(argument: str) -> str:
    """Return an argument on one line: of a program text (``python -c``), its first line that says something."""
    lines = argument.strip().splitlines()
    return lines[0].strip("\"'") + " …" if len(lines) > 1 else argument
