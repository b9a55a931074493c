"""The real platform as one thing: engine, programs, base images and a builder, made ready once per machine."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.pack.build import Pack, PackBuild, PackResult, pack_build
from devkit.pack.builder import Builder, certificate_environment, ensure_builder
from devkit.pack.cache import Cache, machine_cache
from devkit.pack.engine import Engine, ensure_engine
from devkit.pack.images import BUILD, RUN, BaseImage, ensure_image
from devkit.pack.rootfs import machine_certificates
from devkit.pack.toolchain import Toolchain, ensure_toolchain
from devkit.paths import CHECKOUT

TOOLS = CHECKOUT / "tools"
BUILDER = "terrarium/builder:1"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that is ready."""

    cache: Cache
    engine: Engine
    toolchain: Toolchain
    certificates: bytes | None
    """All that the machine trusts, if it trusts more than the images would by themselves."""
    pack: Pack
    builder: str
    """Holds no buildpack: give one with each build."""

    def image(self, image: BaseImage) -> str:
        """Return the name of a base image, making it if need be."""
        return ensure_image(image, self.cache, self.certificates)

    def create_builder(
        self,
        name: str,
        buildpacks: tuple[Path, ...] = (),
        build: BaseImage = BUILD,
        run: BaseImage = RUN,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Return the name of a builder that holds these buildpack directories, creating it if need be.

        ``environment`` is the operator's; unless given, it is what the machine's own certificates need.
        """
        operator = certificate_environment(self.certificates) if environment is None else environment
        builder = Builder(name, self.image(build), self.image(run), buildpacks, operator)
        return ensure_builder(builder, self.pack, self.toolchain, self.cache)

    def build(self, build: PackBuild, echo: Callable[[str], object] | None = None) -> PackResult:
        """Build an app."""
        return pack_build(self.pack, build, echo)


def prepare_platform(
    cache: Cache | None = None, tools: Path = TOOLS, say: Callable[[str], object] = lambda _: None
) -> Platform:
    """Make the platform ready: seconds if it was before, minutes if not. Raises PlatformUnavailable."""
    cache = cache or machine_cache()
    say("Docker engine")
    engine = ensure_engine(cache)
    say("pack and the lifecycle")
    toolchain = ensure_toolchain(tools, cache)
    pack = Pack(toolchain.pack, cache.folder("pack-home"))
    platform = Platform(cache, engine, toolchain, machine_certificates(os.environ), pack, BUILDER)
    say("base images and builder")
    platform.create_builder(BUILDER)
    return platform
