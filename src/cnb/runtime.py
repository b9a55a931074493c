"""Runs a phase of a buildpack: reads its context, calls it, writes its result, and returns the exit status."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, assert_never

from cnb.build_plan import build_plan_document
from cnb.buildpack import Buildpack, Fail, Pass
from cnb.context import DetectContext, read_build_context, read_detect_context
from cnb.log_text import shown_line
from cnb.toml_files import write_toml

PASSED = 0
FAILED_DETECTION = 100
"""The exit status for "not for this app"; the lifecycle shows any other status but 0 to users as an error."""
ERROR = 1

Phase = Literal["detect", "build"]


def run(phase: Phase, buildpack: Buildpack, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    """Run a phase and return the exit status: 0, 100 (detect only: not for this app), or 1 for an error.

    ``argv`` are the arguments after the program's name; the environment takes precedence over them. Every error is
    reported by ``buildpack.on_error``, never by a traceback. A signal is not handled here: it ends the process, and
    leaves no file half-written.
    """
    try:
        match phase:
            case "detect":
                return _detect(buildpack, argv, env, cwd)
            case "build":
                return _build(buildpack, argv, env, cwd)
            case other:
                assert_never(other)
    except Exception as error:  # noqa: BLE001 - the buildpack reports every error to the user
        _report(buildpack, error)
        return ERROR


def _detect(buildpack: Buildpack, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    context = read_detect_context(env, argv, cwd)
    answer = _unfit_target(context) or buildpack.detect(context)
    match answer:
        case Fail(reason):
            _print(shown_line(" ".join(reason.split())))
            return FAILED_DETECTION
        case Pass(plan):
            if plan is not None:
                write_toml(context.build_plan_path, build_plan_document(plan))
            return PASSED
        case other:
            assert_never(other)


def _unfit_target(context: DetectContext) -> Fail | None:
    """Return Fail for a target that buildpack.toml does not declare.

    The lifecycle does not check this on older platforms, nor for an optional buildpack.
    """
    declared = context.descriptor.targets
    if not declared or any(target.is_met_by(context.target) for target in declared):
        return None
    supported = ", ".join(dict.fromkeys(target.spoken() for target in declared))
    return Fail(f"{context.descriptor.id} builds for {supported}, not for {context.target.spoken()}.")


def _build(buildpack: Buildpack, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    # Not at the top: detect does not need it, and it runs for every app.
    from cnb.results import write_build_result  # noqa: PLC0415

    context = read_build_context(env, argv, cwd)
    result = buildpack.build(context)
    foreign = context.layers.seal()
    if foreign:
        names = shown_line(", ".join(foreign))
        _print(f"Undone in the layers directory, where no step of this build wrote it: {names}")
    write_build_result(result, context)
    return PASSED


def _report(buildpack: Buildpack, error: Exception) -> None:
    try:
        buildpack.on_error(error)
    except Exception as second:  # noqa: BLE001 - it can only be printed
        # Only their names: their texts may hold secrets, which only the buildpack can redact.
        _print(f"error: {type(error).__name__} (and reporting it failed: {type(second).__name__})")


def _print(text: str) -> None:
    # To stdout: the lifecycle shows both streams as one. The locale's encoding may not have every character.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()
