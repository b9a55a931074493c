"""What a build leaves for the next one, an image and a cache volume: keeping it, putting it back, taking it away."""

from dataclasses import dataclass
from typing import Literal, get_args

from devkit.bench.model import Start
from devkit.pack.cache import fingerprint
from devkit.pack.commands import run
from devkit.pack.docker import docker

PREFIX = "terrarium-bench"
"""All images and volumes of the benchmark begin with it."""
KEPT = "kept"
CacheKind = Literal["build", "launch"]
"""The lifecycle's cache, and the copies of launch layers that it keeps where images are in an engine."""
CACHE_KINDS: tuple[CacheKind, ...] = get_args(CacheKind)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one rival builds one app."""

    run: str
    app: str
    rival: str
    helper: str
    """An image with a shell, to copy volumes with."""
    has_volumes: bool = True
    """Whether the rival keeps anything outside its image."""

    @property
    def image(self) -> str:
        """The name under which it builds."""
        return f"{PREFIX}/{self.run}-{self.app}-{self.rival.lower().replace(' ', '-')}:latest"

    def volume(self, kind: CacheKind) -> str:
        """Return the cache volume of a kind with which it builds.

        By a digest, for pack changes a name in which it sees one that Windows reserves: "com" of "compile".
        """
        return f"{PREFIX}-{self.run}-{fingerprint(self.app, self.rival)}-{kind}"

    @property
    def kept_image(self) -> str:
        """The name under which the image of the first build stays."""
        return self.image.replace(":latest", f":{KEPT}")

    def kept_volume(self, kind: CacheKind) -> str:
        """Return the volume in which the cache of the first build stays."""
        return f"{self.volume(kind)}-{KEPT}"

    @property
    def cache_options(self) -> tuple[str, ...]:
        """Options of ``pack build`` that let it use our volumes."""
        options = (f"type={kind};format=volume;name={self.volume(kind)}" for kind in CACHE_KINDS)
        return tuple(part for option in options for part in ("--cache", option))

    def keep(self) -> None:
        """Keep what the build just left."""
        docker("tag", self.image, self.kept_image)
        self.keep_volumes()

    def keep_volumes(self, kinds: tuple[CacheKind, ...] = CACHE_KINDS) -> None:
        """Keep the caches that the build just left."""
        for kind in kinds:
            self._copy(self.volume(kind), self.kept_volume(kind))

    def put_back_volumes(self, kinds: tuple[CacheKind, ...] = CACHE_KINDS) -> None:
        """Put the caches back that were kept."""
        for kind in kinds:
            self._copy(self.kept_volume(kind), self.volume(kind))

    def put_back(self, start: Start) -> None:
        """Make the state in which the next build is to start. What is to be lost is lost for the engine as well."""
        self.clear()
        if start in {Start.ALL, Start.NO_CACHE}:
            docker("tag", self.kept_image, self.image)
        if start in {Start.ALL, Start.NO_IMAGE}:
            self.put_back_volumes()
        if start in {Start.NOTHING, Start.NO_IMAGE}:
            # The engine does not write layers again that another image of its own has.
            run(["docker", "image", "rm", "--force", self.kept_image])
        run(["sync"])

    def clear(self) -> None:
        """Take away what the last build left."""
        run(["docker", "image", "rm", "--force", self.image])
        run(["docker", "volume", "rm", "--force", *map(self.volume, CACHE_KINDS)])

    def forget(self) -> None:
        """Take away what was kept as well."""
        self.clear()
        run(["docker", "image", "rm", "--force", self.kept_image])
        run(["docker", "volume", "rm", "--force", *map(self.kept_volume, CACHE_KINDS)])

    def _copy(self, source: str, target: str) -> None:
        if not self.has_volumes:
            return
        run(["docker", "volume", "rm", "--force", target])
        # To mount one that is not there would make it.
        docker("volume", "inspect", source)
        mounts = ["--volume", f"{source}:/from:ro", "--volume", f"{target}:/to"]
        # The volumes' own directories, too, belong to the builder's user.
        script = "cp -a /from/. /to/ && chown --reference=/from /to"
        docker("run", "--rm", "--user", "root", "--entrypoint", "/bin/sh", *mounts, self.helper, "-c", script)


def remove_run(run_id: str) -> None:
    """Remove all images, stopped containers' leftovers and volumes of one run of the benchmark."""
    reference = f"reference={PREFIX}/{run_id}-*"
    images = run(
        ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", reference]
    ).output.split()
    if images:
        run(["docker", "image", "rm", "--force", *images])
    volumes = run(["docker", "volume", "ls", "--quiet", "--filter", f"name={PREFIX}-{run_id}-"]).output.split()
    if volumes:
        run(["docker", "volume", "rm", "--force", *volumes])
