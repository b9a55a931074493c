"""Detection: which buildpacks of a group take part, and on what plan (spec: Phase #1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from devkit.lifecycle import environment, steps, trees
from devkit.lifecycle.descriptor import EXEC_ENV_API, Descriptor
from devkit.lifecycle.plan import Alternative, Candidate, Resolved, Unresolved, read_plan, resolve
from devkit.lifecycle.problems import Violation
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Detected, NotDetected, Status
from devkit.lifecycle.state import State

FAIL = 100
"""The exit status by which a ``bin/detect`` says that the app is not one of its kind."""


@dataclass(frozen=True, slots=True)
class _Passed:
    alternatives: tuple[Alternative, ...]
    output: str


@dataclass(frozen=True, slots=True)
class _Failed:
    output: str


@dataclass(frozen=True, slots=True)
class _Broken:
    reason: str
    output: str


def detect_group(state: State, request: Request, group: list[Descriptor]) -> Detected | NotDetected:
    """Run every ``bin/detect`` of ``group`` in the prepared ``state``, and resolve their plans.

    A ``bin/detect`` that changes the app is an error: buildpacks must treat it as read-only then.
    """
    verdicts = {buildpack.id: _detect(state, request, buildpack) for buildpack in group}
    outputs = {identifier: verdict.output for identifier, verdict in verdicts.items()}
    reasons = tuple(_reasons(verdicts, request.optional))
    if reasons:
        broken = any(isinstance(verdict, _Broken) for verdict in verdicts.values())
        return NotDetected(Status.DETECT_ERROR if broken else Status.NOT_DETECTED, reasons, outputs)
    candidates = [
        Candidate(identifier, identifier in request.optional, verdict.alternatives)
        for identifier, verdict in verdicts.items()
        if isinstance(verdict, _Passed)
    ]
    match resolve(candidates):
        case Resolved(participants, entries):
            return Detected(participants, entries, outputs)
        case Unresolved(why):
            return NotDetected(Status.NOT_DETECTED, why, outputs)


def _reasons(verdicts: Mapping[str, _Passed | _Failed | _Broken], optional: frozenset[str]) -> list[str]:
    reasons = []
    for identifier, verdict in verdicts.items():
        if identifier not in optional:
            match verdict:
                case _Failed():
                    reasons.append(f"{identifier} does not want this app")
                case _Broken(reason):
                    reasons.append(f"{identifier}: {reason}")
                case _Passed():
                    pass
    if not any(isinstance(verdict, _Passed) for verdict in verdicts.values()):
        reasons = reasons or ["no buildpack wants this app"]
    return reasons


def _detect(state: State, request: Request, buildpack: Descriptor) -> _Passed | _Failed | _Broken:
    if not buildpack.accepts(request.target) and buildpack.id not in request.optional:
        return _Broken(f"its [[targets]] do not include {request.target.os}/{request.target.arch}", "")
    plan = state.scratch / f"{buildpack.directory}.plan.toml"
    plan.touch()
    if request.user is not None:
        trees.change_owner(plan, request.user.uid, request.user.gid)
    env = step_environment(environment.build_base(request.lifecycle_env), state, request, buildpack)
    before = trees.fingerprint(state.workspace)
    ended = steps.run(
        steps.Step(
            argv=(str(buildpack.root / "bin" / "detect"), str(state.platform), str(plan)),
            env=env | {"CNB_BUILD_PLAN_PATH": str(plan)},
            cwd=state.workspace,
            user=request.user,
        )
    )
    if changed := trees.differences(before, trees.fingerprint(state.workspace)):
        return _Broken(f"bin/detect changed the app: {', '.join(changed)}", ended.output)
    if ended.status == FAIL:
        return _Failed(ended.output)
    if ended.status != 0:
        return _Broken(f"bin/detect ended with status {ended.status}", ended.output)
    try:
        return _Passed(read_plan(plan), ended.output)
    except Violation as problem:
        return _Broken(str(problem), ended.output)


def step_environment(base: Mapping[str, str], state: State, request: Request, buildpack: Descriptor) -> dict[str, str]:
    """Return what ``bin/detect`` and ``bin/build`` both get: ``base``, the user's and the operator's, and CNB_*."""
    env = dict(base)
    if not buildpack.clear_env:
        env = environment.with_platform_env(env, state.platform)
    if request.build_config is not None:
        env = environment.with_env_files(env, request.build_config / "env", unsuffixed="default")
    own = {"CNB_BUILDPACK_DIR": str(buildpack.root), "CNB_PLATFORM_DIR": str(state.platform)}
    if buildpack.api == EXEC_ENV_API:
        own["CNB_EXEC_ENV"] = request.exec_env
    return env | own | request.target.environment()
