"""A build as platforms run it that do without pack: each phase of the lifecycle in a container of its own.

kpack and Tekton do it like this: analyzer, detector, restorer, builder, exporter, on shared volumes, with a registry
and no engine (spec: Platform Interface). Below Platform API 0.12 images belong to stacks; from there on they have
targets.
"""

import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from devkit.pack.commands import run
from devkit.pack.docker import docker
from python_buildpack.ports.interfaces import Finished

PHASES = ("analyzer", "detector", "restorer", "builder", "exporter")
STACK = "io.buildpacks.stacks.terrarium"
_FOLDERS = ("layers", "workspace", "platform", "cache")


@dataclass(frozen=True, slots=True)
class PhasedBuild:
    """What to build, and how the platform speaks."""

    app: Path
    image: str
    """Its full name in a registry."""
    builder: str
    run_image: str
    """Its full name in a registry."""
    api: str
    """The Platform API, such as 0.9."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The user's variables: one file each in ``<platform>/env``."""
    memory: str = ""
    """What the builder phase may use, as ``docker run --memory`` takes it; empty: all there is."""

    @property
    def has_stacks(self) -> bool:
        """Say whether this API knows stacks and no targets."""
        return tuple(int(part) for part in self.api.split(".")) < (0, 12)


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase printed, and how it ended."""

    name: str
    finished: Finished


@dataclass(frozen=True, slots=True)
class Volumes:
    """The platform's volumes; that of the cache is kept between builds."""

    names: Mapping[str, str]

    def mounts(self) -> list[str]:
        """Return the options of ``docker run`` that mount them."""
        return [part for folder, name in self.names.items() for part in ("--volume", f"{name}:/{folder}")]


@contextmanager
def platform_volumes() -> Iterator[Volumes]:
    """Yield empty volumes for builds of one app."""
    run_id = uuid.uuid4().hex[:8]
    volumes = Volumes({folder: f"terrarium-phases-{run_id}-{folder}" for folder in _FOLDERS})
    try:
        yield volumes
    finally:
        run(["docker", "volume", "rm", "--force", *volumes.names.values()])


def build_in_phases(build: PhasedBuild, volumes: Volumes) -> list[Phase]:
    """Run all phases, as far as they succeed, and return them."""
    _prepare(build, volumes)
    phases: list[Phase] = []
    for name in PHASES:
        finished = run(["docker", *_arguments(name, build, volumes)])
        phases.append(Phase(name, finished))
        if finished.status != 0:
            break
    return phases


def _prepare(build: PhasedBuild, volumes: Volumes) -> None:
    """Do what a platform does first: fresh volumes but for the cache, the source, the variables, the owner."""
    fresh = [name for folder, name in volumes.names.items() if folder != "cache"]
    run(["docker", "volume", "rm", "--force", *fresh])
    owner = docker("image", "inspect", "--format", "{{.Config.User}}", build.builder).strip()
    script = f"chown -R {owner} /layers /workspace /cache"
    mounts = [*volumes.mounts(), "--entrypoint", "/bin/sh"]
    container = docker("create", "--user", "root", *mounts, build.builder, "-c", script).strip()
    try:
        docker("cp", f"{build.app}/.", f"{container}:/workspace")
        with tempfile.TemporaryDirectory() as scratch:
            variables = Path(scratch) / "env"
            variables.mkdir()
            for name, value in build.env.items():
                (variables / name).write_text(value)
            docker("cp", variables, f"{container}:/platform")
        docker("start", "--attach", container)
    finally:
        run(["docker", "rm", "--force", container])


def _arguments(phase: str, build: PhasedBuild, volumes: Volumes) -> list[str]:
    environment = {"CNB_PLATFORM_API": build.api, **({"CNB_STACK_ID": STACK} if build.has_stacks else {})}
    flags = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    # On the host's network the registry and the test's servers are found on the loopback.
    options = ["--rm", "--network", "host", *volumes.mounts(), *flags, "--entrypoint", f"/cnb/lifecycle/{phase}"]
    if build.memory and phase == "builder":
        # Without swap, which would let it grow on.
        options += ["--memory", build.memory, "--memory-swap", build.memory]
    return ["run", *options, build.builder, *_phase_arguments(phase, build)]


def _phase_arguments(phase: str, build: PhasedBuild) -> Sequence[str]:
    match phase:
        case "analyzer":
            return ["-layers=/layers", f"-run-image={build.run_image}", build.image]
        case "detector" | "builder":
            return ["-app=/workspace", "-layers=/layers", "-platform=/platform"]
        case "restorer":
            return ["-layers=/layers", "-cache-dir=/cache"]
        case _:
            return ["-app=/workspace", "-layers=/layers", "-cache-dir=/cache", build.image]


def with_stack(image: str, name: str) -> str:
    """Make ``name``: the run image ``image`` as platforms with stacks want it labelled; return the name."""
    container = docker("create", image, "/bin/true").strip()
    try:
        docker("commit", "--change", f"LABEL io.buildpacks.stack.id={STACK}", container, name)
    finally:
        run(["docker", "rm", container])
    return name
