"""A Dockerfile with uv and cache mounts, built by the engine's BuildKit."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from devkit.bench.model import DOCKERFILE_UV, Start
from devkit.bench.phases import Clock
from devkit.bench.rivals import Job, Outcome, outcome_of
from devkit.errors import DevkitError
from devkit.pack.commands import run, tail

_BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}


@cache
def docker_with_buildkit() -> Path | None:
    """Return a docker command that can use BuildKit, None if there is none.

    Those from 23 on need the plugin buildx for it, which Debian 12 does not have; Debian's own command is of 20.10 and
    needs none.
    """
    with tempfile.TemporaryDirectory(prefix="buildkit-") as scratch:
        context = Path(scratch)
        (context / "Dockerfile").write_text("FROM scratch\nLABEL is=tried\n")
        for folder in os.get_exec_path():
            program = shutil.which("docker", path=folder)
            if program and run([program, "build", "--quiet", scratch], env=_BUILDKIT).status == 0:
                return Path(program)
    return None


@dataclass(frozen=True, slots=True)
class BuildKitRival:
    """BuildKit keeps its caches for all builds together, so each build begins with none and makes its own."""

    docker: Path
    dockerfile: Path
    bases: Mapping[str, str]
    """The image with the interpreter of each version, and uv."""
    index: str
    name: str = DOCKERFILE_UV

    def build(self, job: Job) -> Outcome:
        """Build with the engine; the first build, from which this one starts, is made again and is not timed.

        Raises DevkitError if that fails.
        """
        run([self.docker, "builder", "prune", "--all", "--force"], env=_BUILDKIT)
        if job.start in {Start.ALL, Start.NO_IMAGE} and job.before:
            finished = run(self._command(job, job.before), env=_BUILDKIT)
            if finished.status != 0:
                raise DevkitError(f"the first build with {self.name} failed:\n{tail(finished.output)}")
        clock = Clock()
        finished = run(self._command(job, job.source), env=_BUILDKIT, echo=clock.hear)
        return outcome_of(clock, finished)

    def _command(self, job: Job, source: Path) -> list[str]:
        argv = [str(self.docker), "build", "--network", "host", "--file", str(self.dockerfile), "--tag", job.slot.image]
        argv += ["--build-arg", f"BASE={self.bases[job.python]}", "--build-arg", f"UV_DEFAULT_INDEX={self.index}"]
        return [*argv, str(source)]
