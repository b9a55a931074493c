"""Building an app with pack."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from devkit.pack.commands import run
from devkit.pack.remove import replacing
from python_buildpack.ports.interfaces import Finished

VOLUME_KEY = "terrarium"
"""pack hashes it into its cache volumes' names; without it, pack makes one up and stores it in its home directory."""


@dataclass(frozen=True, slots=True)
class Pack:
    """The pack program, with a home of its own so that the user's settings do not matter."""

    program: Path
    home: Path

    def run(self, *arguments: str, echo: Callable[[str], object] | None = None) -> Finished:
        """Run a pack command to its end."""
        environment = {"PACK_HOME": str(self.home), "PACK_VOLUME_KEY": VOLUME_KEY}
        return run([self.program, *arguments, "--no-color"], env=environment, echo=echo)


@dataclass(frozen=True, slots=True)
class PackBuild:
    """What to build, and how."""

    app: Path
    image: str
    builder: str
    buildpacks: tuple[Path | str, ...] = ()
    """``.cnb`` files or directories that replace the builder's own order."""
    env: Mapping[str, str] = field(default_factory=dict)
    network: str | None = "host"
    """``host`` reaches the machine's loopback; None is what users get, a fresh bridge; ``none`` cuts the build off."""
    clear_cache: bool = False
    volumes: tuple[str, ...] = ()
    """``host path:container path[:options]``, such as service bindings."""
    options: tuple[str, ...] = ()
    """Any further options of ``pack build``."""


@dataclass(frozen=True, slots=True)
class PackResult:
    """How a build ended."""

    image: str
    status: int
    output: str
    seconds: float

    def layers(self, what: Literal["Adding", "Reusing"]) -> tuple[str, ...]:
        """Return the layers, as ``<buildpack id>:<layer>``, that are new in the image or as in the one before."""
        exported = re.findall(rf"^{what} layer '([^']+:[^']+)'", self.output, re.MULTILINE)
        return tuple(layer for layer in exported if not layer.startswith("buildpacksio/lifecycle:"))

    def cached(self, what: Literal["Adding", "Reusing"]) -> tuple[str, ...]:
        """Return the layers that went into the cache, or were there."""
        return tuple(re.findall(rf"^{what} cache layer '([^']+)'", self.output, re.MULTILINE))


def build_arguments(build: PackBuild) -> list[str]:
    """Return the command line of ``pack build``, everything local: no image is ever pulled."""
    arguments = ["build", build.image, "--path", str(build.app), "--builder", build.builder]
    # Trusted, the lifecycle runs in one container and needs no image of its own; that is how users run known builders.
    arguments += ["--pull-policy", "never", "--trust-builder", "--trust-extra-buildpacks"]
    repeated: list[tuple[str, Sequence[str]]] = [
        ("--buildpack", [str(buildpack) for buildpack in build.buildpacks]),
        ("--env", [f"{name}={value}" for name, value in build.env.items()]),
        ("--volume", build.volumes),
        ("--network", [build.network] if build.network else []),
    ]
    arguments += [argument for option, values in repeated for value in values for argument in (option, value)]
    return [*arguments, *(["--clear-cache"] if build.clear_cache else []), *build.options]


def pack_build(pack: Pack, build: PackBuild, echo: Callable[[str], object] | None = None) -> PackResult:
    """Run one build to its end; a failed build is a result, not an error. ``echo`` gets each line as it comes."""
    begin = time.monotonic()
    with replacing(build.image):
        finished = pack.run(*build_arguments(build), echo=echo)
    return PackResult(build.image, finished.status, finished.output, time.monotonic() - begin)
