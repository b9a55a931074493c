"""Runs a phase of a buildpack: reads its context, calls it, writes its answer, and returns the exit status."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, assert_never

from cnb.build_plan import build_plan_document
from cnb.buildpack import Buildpack, Fail, Pass
from cnb.context import DetectContext, read_build_context, read_detect_context
from cnb.toml_files import write_toml

PASSED = 0
FAILED_DETECTION = 100
"""The one status by which the lifecycle knows that the app is not ours; any other is an error that users see."""
ERROR = 1

Phase = Literal["detect", "build"]


def run(phase: Phase, buildpack: Buildpack, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    """Run a phase and return the exit status: 0, 100 (detect only: not for this app), or 1 for an error.

    ``argv`` are the arguments after the program's name; what the environment says goes before them. Errors of any kind
    are told by ``buildpack.on_error``, never by a traceback. A signal is not an error: it ends the process as if
    nothing of this were there, and finds no file half-written.
    """
    try:
        match phase:
            case "detect":
                return _detect(buildpack, argv, env, cwd)
            case "build":
                return _build(buildpack, argv, env, cwd)
            case other:
                assert_never(other)
    except Exception as error:  # noqa: BLE001 - whatever it is, the buildpack tells the user about it
        _tell(buildpack, error)
        return ERROR


def _detect(buildpack: Buildpack, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    context = read_detect_context(env, argv, cwd)
    answer = _unfit_target(context) or buildpack.detect(context)
    match answer:
        case Fail(reason):
            _say(" ".join(reason.split()))
            return FAILED_DETECTION
        case Pass(plan):
            if plan is not None:
                write_toml(context.build_plan_path, build_plan_document(plan))
            return PASSED
        case other:
            assert_never(other)


def _unfit_target(context: DetectContext) -> Fail | None:
    """Look at the target first: the lifecycle does not, on older platforms and where the buildpack is optional."""
    declared = context.descriptor.targets
    if not declared or any(target.is_met_by(context.target) for target in declared):
        return None
    supported = ", ".join(dict.fromkeys(target.spoken() for target in declared))
    return Fail(f"{context.descriptor.id} builds for {supported}, not for {context.target.spoken()}.")


def _build(buildpack: Buildpack, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    # Not at the top: detect writes none of this, and is run for every app on a platform.
    from cnb.results import write_build_result  # noqa: PLC0415

    context = read_build_context(env, argv, cwd)
    result = buildpack.build(context)
    write_build_result(result, context)
    return PASSED


def _tell(buildpack: Buildpack, error: Exception) -> None:
    try:
        buildpack.on_error(error)
    except Exception as second:  # noqa: BLE001 - there is nobody left to tell it to but the log
        # By their names alone: their texts may hold what only the buildpack would have known to hide.
        _say(f"error: {type(error).__name__} (and telling it failed: {type(second).__name__})")


def _say(text: str) -> None:
    # The lifecycle shows both streams of a phase as one; the locale may be one that cannot say everything.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()
