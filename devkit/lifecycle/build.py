"""A whole build: prepare, detect, restore, build, export (spec: the phases of a build)."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from devkit.lifecycle import environment, steps, trees
from devkit.lifecycle.descriptor import Descriptor
from devkit.lifecycle.detect import detect_group, step_environment
from devkit.lifecycle.export import Contribution, Exporter, ExportRefused
from devkit.lifecycle.outputs import Outputs, read_outputs
from devkit.lifecycle.plan import PlanEntry, Require, write_buildpack_plan
from devkit.lifecycle.problems import Violation
from devkit.lifecycle.records import Record
from devkit.lifecycle.request import Request
from devkit.lifecycle.restore import restore, without_lost_parts
from devkit.lifecycle.results import Built, Detected, Failed, NotDetected, Status
from devkit.lifecycle.state import State


class _StepFailed(Exception):
    """Ends a build early, with the result to return."""

    def __init__(self, status: Status, reason: str, buildpack: str = "", exit_code: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.buildpack = buildpack
        self.exit_code = exit_code


@dataclass(slots=True)
class _Build:
    """One build while it goes on."""

    state: State
    request: Request
    log: list[str] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)

    def say(self, line: str) -> None:
        self.log.append(line)
        if self.request.output is not None:
            self.request.output(line)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.durations[name] = time.monotonic() - began

    def failed(self, problem: _StepFailed) -> Failed:
        return Failed(problem.status, problem.reason, problem.buildpack, "".join(self.log), problem.exit_code)


def detect(request: Request) -> Detected | NotDetected:
    """Run only the detection of ``request``. The image and the cache are not touched.

    Raises StateBusy, StateUnreadable, RequestInvalid, and Violation for a bad ``buildpack.toml``.
    """
    group = request.descriptors()
    state = State(request.state.resolve())
    with state.building():
        _prepare(state, request)
        return detect_group(state, request, group)


def build(request: Request) -> Built | Failed:
    """Build an image as ``request`` says, and put it in place.

    Whatever fails is a ``Failed``, with the previous image and cache as they were. Raises StateBusy, StateUnreadable
    and RequestInvalid.
    """
    state = State(request.state.resolve())
    run = _Build(state, request)
    try:
        group = request.descriptors()
    except Violation as problem:
        return Failed(Status.API_UNKNOWN, str(problem), "", "")
    with state.building() as record:
        try:
            return _build(run, group, record)
        except _StepFailed as problem:
            return run.failed(problem)


def _build(run: _Build, group: list[Descriptor], record: Record) -> Built:
    visible = without_lost_parts(record, previous_image=run.request.previous_image, cache=run.request.cache)
    with run.phase("prepare"):
        _prepare(run.state, run.request)
    with run.phase("detect"):
        detected = _check_detected(run, detect_group(run.state, run.request, group))
    group = [buildpack for buildpack in group if buildpack.id in detected.group]
    with run.phase("restore"):
        notices = restore(run.state, group, visible)
        _hand_over(run)
    with run.phase("build"):
        contributions = _run_builds(run, group, detected.plan)
    with run.phase("export"):
        exporter, exported = _export(run, contributions, visible)
        run.state.commit(exported)
        run.state.mount(exported.image)
    image = exported.image
    assert image is not None  # noqa: S101 - an export always makes one
    return Built(
        group=detected.group,
        layers=tuple(exporter.outcomes),
        app=exporter.app_outcome(image),
        processes=image.processes,
        default_process=image.default_process,
        labels=image.labels,
        notices=(*notices, *(notice for c in contributions for notice in c.outputs.notices), *exporter.notices),
        log="".join(run.log),
        durations=run.durations,
    )


def _prepare(state: State, request: Request) -> None:
    trees.copy_app(request.app, state.workspace)
    state.layers.mkdir()
    state.scratch.mkdir()
    (state.platform / "env").mkdir(parents=True)
    for name, value in request.env.items():
        (state.platform / "env" / name).write_bytes(value.encode(errors="surrogateescape"))
    if request.bindings is not None:
        shutil.copytree(request.bindings, state.platform / "bindings", symlinks=True)
    if request.user is not None:
        for directory in (state.workspace, state.scratch):
            trees.change_owner(directory, request.user.uid, request.user.gid)


def _hand_over(run: _Build) -> None:
    if run.request.user is not None:
        trees.change_owner(run.state.layers, run.request.user.uid, run.request.user.gid)


def _check_detected(run: _Build, verdict: Detected | NotDetected) -> Detected:
    if isinstance(verdict, Detected):
        return verdict
    for identifier, output in verdict.outputs.items():
        if output:
            run.say(f"======== {identifier} ========\n")
            run.say(output)
    raise _StepFailed(verdict.status, "; ".join(verdict.reasons))


def _run_builds(run: _Build, group: list[Descriptor], plan: tuple[PlanEntry, ...]) -> list[Contribution]:
    env = environment.build_base(run.request.lifecycle_env)
    contributions = []
    for buildpack in group:
        entries = [entry for entry in plan if buildpack.id in entry.providers]
        requires = tuple(require for entry in entries for require in entry.requires)
        outputs = _run_build(run, buildpack, env, requires)
        met = {entry.name for entry in entries} - outputs.unmet
        plan = tuple(entry for entry in plan if entry.name not in met)
        try:
            env = _with_build_layers(env, outputs)
        except Violation as problem:
            raise _StepFailed(Status.BUILD_ERROR, str(problem), buildpack.id) from problem
        contributions.append(Contribution(buildpack, outputs))
    return contributions


def _run_build(run: _Build, buildpack: Descriptor, env: Mapping[str, str], requires: tuple[Require, ...]) -> Outputs:
    state = run.state
    directory = state.layers / buildpack.directory
    directory.mkdir(exist_ok=True)
    if run.request.user is not None:
        trees.change_owner(directory, run.request.user.uid, run.request.user.gid)
    plan = state.scratch / f"{buildpack.directory}.entries.toml"
    write_buildpack_plan(plan, requires)
    own = {"CNB_LAYERS_DIR": str(directory), "CNB_BP_PLAN_PATH": str(plan)}
    ended = steps.run(
        steps.Step(
            argv=(str(buildpack.root / "bin" / "build"), str(directory), str(state.platform), str(plan)),
            env=step_environment(env, state, run.request, buildpack) | own,
            cwd=state.workspace,
            user=run.request.user,
            listener=run.say,
        )
    )
    if ended.status != 0:
        reason = f"bin/build ended with status {ended.status}"
        raise _StepFailed(Status.BUILDPACK_FAILED, reason, buildpack.id, ended.status)
    try:
        return read_outputs(buildpack, directory, requires)
    except Violation as problem:
        raise _StepFailed(Status.BUILD_ERROR, str(problem), buildpack.id) from problem


def _with_build_layers(env: Mapping[str, str], outputs: Outputs) -> dict[str, str]:
    result = dict(env)
    # In the order of the names with ".toml" at their end, as the lifecycle has them at build.
    for layer in outputs.layers:
        if layer.types.build:
            result = environment.with_layer_roots(result, layer.path, environment.BUILD_ROOTS)
            result = environment.with_env_files(result, layer.path / "env")
            result = environment.with_env_files(result, layer.path / "env.build")
    return result


def _export(run: _Build, contributions: list[Contribution], previous: Record) -> tuple[Exporter, Record]:
    exporter = Exporter(run.state, previous)
    try:
        for contribution in contributions:
            for layer in sorted(contribution.outputs.layers, key=lambda layer: layer.name):
                exporter.add(contribution.buildpack, layer)
        return exporter, exporter.finish(contributions, exporter.add_sboms(contributions))
    except ExportRefused as problem:
        raise _StepFailed(Status.EXPORT_ERROR, str(problem), problem.buildpack) from problem
    except Violation as problem:
        raise _StepFailed(Status.EXPORT_ERROR, str(problem)) from problem
