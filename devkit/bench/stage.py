"""Everything that a run of the benchmark stands on: images, builders, the index, and the apps' sources."""

import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from devkit.bench.apps import BENCHMARKS, App, direct_pins, write_sources
from devkit.bench.bandwidth import Bandwidth
from devkit.bench.buildkit import BuildKitRival, docker_with_buildkit
from devkit.bench.index import Downloads, serve
from devkit.bench.interpreters import MINOR, Pythons, prepare_pythons, unpack
from devkit.bench.managers import REQUIREMENTS, UV, Pins, write_for_other_systems, write_project
from devkit.bench.model import DOCKERFILE, DOCKERFILE_UV, FLOOR, NAIVE, OURS, Variant
from devkit.bench.rivals import DockerfileRival, PackRival, Rival
from devkit.bench.states import PREFIX, Slot, remove_run
from devkit.bench.stock import fill_stock
from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.pack.builder import Builder, certificate_environment, ensure_builder
from devkit.pack.commands import run, tail
from devkit.pack.docker import docker
from devkit.pack.images import BUILD, RUN, BaseImage
from devkit.pack.prepare import Platform, prepare_platform
from devkit.pack.rootfs import RootFilesystem
from devkit.packaging.package import Packaged, package

BUILD_IMAGE = BaseImage(
    "terrarium-bench/build:1", BUILD.user, RootFilesystem(packages=("build-essential", "curl")), BUILD.environment
)
"""The same for all: a compiler for one app, curl for the naive buildpack."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A run's things, all of which go with it."""

    run: str
    platform: Platform
    packaged: Packaged
    pythons: Pythons
    index: str
    folder: Path
    run_image: str

    @property
    def simple(self) -> str:
        """The address of the package index."""
        return f"{self.index}/simple/"

    @property
    def our_environment(self) -> dict[str, str]:
        """The variables by which our buildpack uses the index and the interpreters."""
        return {"PIP_INDEX_URL": self.simple, "BP_PYTHON_INVENTORY": f"{self.index}/python/inventory.toml"}

    def slot(self, app: str, rival: str) -> Slot:
        """Return where a rival builds an app."""
        return Slot(self.run, app, rival, self.platform.image(BUILD_IMAGE), rival not in {DOCKERFILE, DOCKERFILE_UV})

    def builder(self, name: str, buildpack: Path | None) -> str:
        """Return a builder with one buildpack, or with none, made for this run."""
        operator = certificate_environment(self.platform.certificates)
        full = f"{PREFIX}/{self.run}-builder-{name}:latest"
        buildpacks = (buildpack,) if buildpack else ()
        builder = Builder(full, self.platform.image(BUILD_IMAGE), self.run_image, buildpacks, operator)
        return ensure_builder(builder, self.platform.pack, self.platform.toolchain, self.platform.cache)

    def python_of(self, variant: Variant) -> str:
        """Return the version that a variant asks for. Raises LookupError where there is only one."""
        if variant is not Variant.PYTHON:
            return self.pythons.version
        if self.pythons.other_version is None:
            raise LookupError("there is no other patch release")
        return self.pythons.other_version

    def archives(self) -> dict[str, str]:
        """Return the file name of the archive of each version."""
        names = {self.pythons.version: self.pythons.archive}
        if self.pythons.other_version and self.pythons.other_archive:
            names[self.pythons.other_version] = self.pythons.other_archive
        return names

    def rival(self, name: str, app: App) -> Rival:
        """Return a rival, ready to build an app."""
        urls = {version: f"{self.index}/python/{archive}" for version, archive in self.archives().items()}
        pack = partial(PackRival, name, self.platform)
        match name:
            case "ours":
                return pack(self.builder(OURS, self.packaged.directory), self.our_environment)
            case "floor":
                # The same variables: each costs pack a little.
                return pack(self.builder(FLOOR, BENCHMARKS / "floor"), self.our_environment)
            case "naive":
                builder = self.builder(NAIVE, BENCHMARKS / "naive")
                return pack(builder, {"PIP_INDEX_URL": self.simple}, urls)
            case "Dockerfile":
                return DockerfileRival(BENCHMARKS / "Dockerfile", self._bases(app), self.simple)
            case _:
                docker_program = docker_with_buildkit()
                if docker_program is None:
                    raise DevkitError("no docker command here can use BuildKit")
                return BuildKitRival(docker_program, BENCHMARKS / "Dockerfile.uv", self._bases(app), self.simple)

    def _bases(self, app: App) -> dict[str, str]:
        """Make the images that a Dockerfile begins with: slim, or with a compiler where the app needs one; and uv."""
        below = self.platform.image(BUILD_IMAGE) if app.sdists else self.run_image
        bases = {}
        for version, archive in self.archives().items():
            context = self.folder / f"base-{app.name}-{version}"
            context.mkdir(exist_ok=True)
            shutil.copyfile(self.pythons.folder / archive, context / "python.tar.gz")
            shutil.copy(UV, context / "uv")
            lines = [f"FROM {below}", "USER root", "ADD python.tar.gz /opt/", "ENV PATH=/opt/python/bin:$PATH"]
            lines += ["COPY uv /usr/local/bin/", ""]
            (context / "Dockerfile").write_text("\n".join(lines))
            bases[version] = f"{PREFIX}/{self.run}-base-{app.name}-{version}:latest"
            _build_image(context, bases[version])
        return bases

    def sources(self, app: App, variant: Variant, rival: str) -> Path:
        """Return the source of a variant as a rival gets it; written once in a run."""
        manager = app.manager if rival in {OURS, FLOOR} else REQUIREMENTS
        target = self.folder / "sources" / app.name / manager / variant.name.lower()
        if not target.exists():
            write_sources(app, variant, self.python_of(variant), target)
            if manager != REQUIREMENTS:
                pins = Pins(direct_pins(app, variant), MINOR, unpack(self.pythons), self.simple)
                write_project(manager, pins, target, self.folder / "locks" / manager)
        return target


@contextmanager
def open_stage(apps: Iterable[App], bandwidth: float) -> Iterator[Stage]:
    """Prepare all that a run needs, yield it, and remove what the run made. Raises DevkitError."""
    run_id = uuid.uuid4().hex[:6]
    source = find_source(machine_arch())
    pythons = prepare_pythons(source, machine_arch())
    stock = fill_stock(apps, unpack(pythons))
    platform = prepare_platform(say=print)
    with TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # the builds' user reads what is mounted
        tiny = folder / "tiny"
        tiny.mkdir()
        write_for_other_systems(tiny)
        packaged = package(machine_arch(), folder / "dist", source)
        try:
            run_image = _make_run_image(platform, run_id, folder)
            with serve(Downloads((stock, tiny), pythons.folder), Bandwidth(bandwidth)) as index:
                yield Stage(run_id, platform, packaged, pythons, index, folder, run_image)
        finally:
            remove_run(run_id)


def _make_run_image(platform: Platform, run_id: str, folder: Path) -> str:
    """Return a run image of this run only, because the engine reuses layers that another image has as its base."""
    context = folder / "run-image"
    context.mkdir()
    (context / "run").write_text(run_id)
    (context / "Dockerfile").write_text(f"FROM {platform.image(RUN)}\nCOPY run /etc/bench-run\n")
    return _build_image(context, f"{PREFIX}/{run_id}-run:latest")


def _build_image(context: Path, name: str) -> str:
    finished = run(["docker", "build", "--tag", name, str(context)], env={"DOCKER_BUILDKIT": "0"})
    if finished.status != 0:
        raise DevkitError(f"docker could not build {name}:\n{tail(finished.output)}")
    docker("image", "inspect", name)
    return name
