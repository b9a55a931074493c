"""Finds out, with uv, whether the package index has wheels of the pins for a version of Python."""

import re
from collections.abc import Iterable, Mapping

from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.package_managers.interface import Trial
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.tools.uv import Uv

_PINNED = re.compile(r"\b(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==")


def index_trial(uv: Uv, env: Mapping[str, str], runner: CommandRunner, sources: tuple[str, ...] = ()) -> Trial:
    """Return a trial on the environment's package index, or on the places that uv's options ``sources`` give."""

    def trial(pins: Mapping[str, Version], minor: str) -> str | None:
        if not pins:
            return None
        finished = _resolve(pins, minor, sources, uv, env, runner)
        return None if finished.status == 0 else _culprit(finished.output, pins)

    return trial


def minors_with_wheel(
    pins: Mapping[str, Version],
    minors: Iterable[str],
    uv: Uv,
    env: Mapping[str, str],
    runner: CommandRunner,
) -> tuple[str, ...]:
    """Return the minor versions for which the index has wheels of all pins; none if the index does not answer."""
    impatient = {**env, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "5"}
    found: list[str] = []
    for minor in minors:
        finished = _resolve(pins, minor, (), uv, impatient, runner)
        if finished.status == 0:
            found.append(minor)
        elif _culprit(finished.output, pins) is None:
            return ()
    return tuple(found)


def newest_version(name: str, minor: str, uv: Uv, env: Mapping[str, str], runner: CommandRunner) -> str | None:
    """Return the newest version of a package that has a wheel for a minor version of Python; None if none is found."""
    impatient = {**env, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "5"}
    finished = _compile(f"{name}\n", minor, (), uv, impatient, runner)
    found = re.search(rf"^{re.escape(name)}==(\S+)", finished.output, re.MULTILINE) if finished.status == 0 else None
    return found[1] if found else None


def _resolve(
    pins: Mapping[str, Version],
    minor: str,
    sources: tuple[str, ...],
    uv: Uv,
    env: Mapping[str, str],
    runner: CommandRunner,
) -> Finished:
    """Resolve the pins to wheels for a minor version of Python, which need not be installed."""
    requirements = "".join(f"{name}=={version}\n" for name, version in pins.items())
    return _compile(requirements, minor, ("--quiet", *sources), uv, env, runner)


def _compile(
    requirements: str,
    minor: str,
    options: tuple[str, ...],
    uv: Uv,
    env: Mapping[str, str],
    runner: CommandRunner,
) -> Finished:
    wanted, output = uv.scratch / "pins.in", uv.scratch / "pins.txt"
    wanted.write_text(requirements, encoding="utf-8")
    argv = (
        *(str(uv.executable()), "pip", "compile", str(wanted), "--no-deps", "--no-build", "--no-config"),
        *("--index-strategy", "unsafe-best-match", "--python", str(uv.python), "--python-version", minor),
        *("--output-file", str(output), *options),
    )
    finished = runner.run(Command(argv, uv.environment(env), cwd=uv.scratch, show=False))
    output.unlink(missing_ok=True)
    return finished


def _culprit(output: str, pins: Mapping[str, Version]) -> str | None:
    """Return the first of the pins that uv's output names, or None: uv failed for another reason."""
    named = (canonicalize_name(match["name"]) for match in _PINNED.finditer(output))
    return next((name for name in named if name in pins), None)
