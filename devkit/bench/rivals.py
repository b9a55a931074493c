"""Who builds: our buildpack, the floor and the naive one with pack, and a Dockerfile with the engine's own builder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from devkit.bench.model import DOCKERFILE, Start
from devkit.bench.phases import Clock
from devkit.pack.build import PackBuild
from devkit.pack.commands import run, tail
from devkit.pack.prepare import Platform
from python_buildpack.ports.interfaces import Finished


class Target(Protocol):
    """Where the image and the cache of a build go."""

    @property
    def image(self) -> str:
        """The image's name."""

    @property
    def cache_options(self) -> tuple[str, ...]:
        """Options of ``pack build`` that name the caches."""


@dataclass(frozen=True, slots=True)
class Job:
    """One build to be timed."""

    slot: Target
    source: Path
    python: str
    start: Start
    floor: Path | None = None
    """What the floor is to export."""
    before: Path | None = None
    """The source of the first build, from which this one starts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went."""

    seconds: float
    phases: Mapping[str, float]
    failure: str = ""
    """The end of the log, if the build failed."""
    output: str = ""


class Rival(Protocol):
    """Someone who builds images."""

    @property
    def name(self) -> str:
        """What it is called in the table."""

    def build(self, job: Job) -> Outcome:
        """Build ``job.source`` as ``job.slot.image``, from the state that is there."""


@dataclass(frozen=True, slots=True)
class PackRival:
    """A builder image with one buildpack."""

    name: str
    platform: Platform
    builder: str
    env: Mapping[str, str] = field(default_factory=dict)
    archives: Mapping[str, str] = field(default_factory=dict)
    """The URL of the interpreter of each version, for who cannot find it by itself."""
    buildpacks: tuple[Path | str, ...] = ()
    options: tuple[str, ...] = ()
    """Further options of ``pack build``."""

    def build(self, job: Job) -> Outcome:
        """Build with pack."""
        clock = Clock()
        chosen = {"BENCH_PYTHON": self.archives[job.python]} if self.archives else {}
        result = self.platform.build(
            PackBuild(
                job.source,
                job.slot.image,
                self.builder,
                self.buildpacks,
                {**self.env, **chosen},
                volumes=(f"{job.floor}:/floor:ro",) if job.floor else (),
                options=(*job.slot.cache_options, *self.options),
            ),
            clock.hear,
        )
        return _outcome(result.seconds, clock, result.status, result.output)


@dataclass(frozen=True, slots=True)
class DockerfileRival:
    """The engine's classic builder: every engine has it, and what it keeps can be taken away for one app alone."""

    dockerfile: Path
    bases: Mapping[str, str]
    """The image with the interpreter of each version."""
    index: str
    name: str = DOCKERFILE

    def build(self, job: Job) -> Outcome:
        """Build with the engine. Its cache is the image itself, so either of them lost is both lost."""
        argv = [
            "docker",
            "build",
            "--force-rm",
            "--network",
            "host",
            "--file",
            str(self.dockerfile),
            "--tag",
            job.slot.image,
        ]
        argv += ["--build-arg", f"BASE={self.bases[job.python]}", "--build-arg", f"PIP_INDEX_URL={self.index}"]
        argv += [] if job.start is Start.ALL else ["--no-cache"]
        clock = Clock()
        finished = run([*argv, str(job.source)], env={"DOCKER_BUILDKIT": "0"}, echo=clock.hear)
        return outcome_of(clock, finished)


def outcome_of(clock: Clock, finished: Finished) -> Outcome:
    """Return how a build went that ends now, by its clock."""
    return _outcome(sum(clock.phases().values()), clock, finished.status, finished.output)


def _outcome(seconds: float, clock: Clock, status: int, output: str) -> Outcome:
    return Outcome(seconds, clock.phases(), tail(output) if status else "", output)
