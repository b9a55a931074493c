"""Asks the package index, through uv, whether pins have wheels for a version of Python."""

import re
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.frozen.search import Trial
from python_buildpack.ports import Command, CommandRunner
from python_buildpack.tools.uv import Uv

_PINNED = re.compile(r"\b(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==")


def index_trial(uv: Uv, env: Mapping[str, str], runner: CommandRunner, scratch: Path) -> Trial:
    """Return a trial on the package index that the build's environment names."""

    def trial(pins: Mapping[str, Version], minor: str) -> str | None:
        if not pins:
            return None
        wanted, output = scratch / "pins.in", scratch / "pins.txt"
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), encoding="utf-8")
        argv = (
            *(str(uv.executable()), "pip", "compile", str(wanted), "--quiet", "--no-deps", "--no-build", "--no-config"),
            *("--index-strategy", "unsafe-best-match", "--python", str(uv.python), "--python-version", minor),
            *("--output-file", str(output)),
        )
        finished = runner.run(Command(argv, uv.environment(env), cwd=scratch, show=False))
        output.unlink(missing_ok=True)
        return None if finished.status == 0 else _culprit(finished.output, pins)

    return trial


def _culprit(output: str, pins: Mapping[str, Version]) -> str | None:
    """Return the first of the pins that uv's explanation names. An answer about anything else is no answer."""
    named = (canonicalize_name(match["name"]) for match in _PINNED.finditer(output))
    return next((name for name in named if name in pins), None)
