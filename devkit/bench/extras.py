"""Figures beside the builds: detection, the package and its loading, start-up, and cold imports."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from devkit.bench.apps import BENCHMARKS, App
from devkit.bench.image_layers import measure_layers
from devkit.bench.model import DOCKERFILE, FLOOR, NAIVE, OURS, Extra, Start, Variant
from devkit.bench.rivals import Job, PackRival
from devkit.bench.stage import Stage
from devkit.bench.startup import Way, seconds_to_answer
from devkit.errors import DevkitError
from devkit.machine import machine_arch
from devkit.pack.containers import ContainerOptions, run_once
from python_buildpack.settings.table import SLIM_PACKAGES

IMAGES = OURS, NAIVE, DOCKERFILE
DETECTIONS = 20
_SLIM = {SLIM_PACKAGES.name: "true"}
Say = Callable[[str], object]


def measure_extras(stage: Stage, apps: Sequence[App], rounds: int, say: Say) -> Iterator[Extra]:
    """Yield everything. Raises DevkitError if a build fails."""
    yield Extra("package", "unpacked", round(stage.packaged.unpacked_bytes / 1e6, 1), "MB")
    yield Extra("package", "file", round(stage.packaged.file.stat().st_size / 1e6, 1), "MB")
    yield from measure_detect(stage, apps[0])
    yield from measure_loading(stage, apps[0], rounds, say)
    for app in apps:
        yield from measure_images(stage, app, rounds, say)
        yield measure_slim_image(stage, app)


def measure_detect(stage: Stage, app: App) -> Iterator[Extra]:
    """Yield the time of bin/detect, started here as the lifecycle starts it."""
    other = stage.folder / "not-python"
    other.mkdir()
    (other / "package.json").write_text("{}")
    python = stage.sources(app, Variant.BASE, OURS)
    for name, source, status in (("not Python", other, 100), ("Python", python, 0)):
        seconds = [_detect(stage, source, status) for _ in range(DETECTIONS)]
        yield Extra("detect", name, round(statistics.median(seconds) * 1000, 1), "ms")


def _detect(stage: Stage, source: Path, status: int) -> float:
    root = stage.packaged.directory
    platform, plan = stage.folder / "platform", stage.folder / "plan.toml"
    (platform / "env").mkdir(parents=True, exist_ok=True)
    plan.write_text("")
    os_release = {"CNB_TARGET_DISTRO_NAME": "debian", "CNB_TARGET_DISTRO_VERSION": "12"}
    environment = {
        "PATH": os.environ["PATH"],
        "CNB_BUILDPACK_DIR": str(root),
        "CNB_PLATFORM_DIR": str(platform),
        "CNB_BUILD_PLAN_PATH": str(plan),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": machine_arch(),
        **os_release,
    }
    begin = time.monotonic()
    argv = [root / "bin" / "detect", platform, plan]
    finished = subprocess.run(argv, cwd=source, env=environment, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    if finished.returncode != status:
        raise DevkitError(f"detect of {source.name} ended with {finished.returncode}:\n{finished.stderr}")
    return seconds


def measure_loading(stage: Stage, app: App, rounds: int, say: Say) -> Iterator[Extra]:
    """Yield what ``--buildpack FILE`` costs: no-change rebuilds with it, less those with the same in the builder."""
    empty = _empty_package(stage)
    ours = stage.rival(OURS, app)
    bare = stage.builder("bare", None)
    ways = {
        "ours, in the builder": ours,
        "ours, as a file": PackRival(OURS, stage.platform, bare, stage.our_environment, {}, (stage.packaged.file,)),
        "empty, in the builder": PackRival("empty", stage.platform, stage.builder("empty", empty)),
        "empty, as a file": PackRival("empty", stage.platform, bare, buildpacks=(empty,)),
    }
    medians: dict[str, list[float]] = {name: [] for name in ways}
    source = stage.sources(app, Variant.BASE, OURS)
    for number in range(rounds + 1):
        for name, rival in ways.items():
            slot = stage.slot(app.name, f"loading-{name.replace(', ', '-').replace(' ', '-')}")
            outcome = rival.build(Job(slot, source, stage.pythons.version, Start.ALL))
            if outcome.failure:
                raise DevkitError(f"the build with {name} failed:\n{outcome.failure}")
            # The first builds make what the others start from.
            if number:
                say(f"  loading: {name}: {outcome.seconds:.2f} s")
                medians[name].append(outcome.seconds)
    found = {name: statistics.median(seconds) for name, seconds in medians.items()}
    for name, seconds in found.items():
        yield Extra("rebuild", name, round(seconds, 2), "s")
    overhead = found["ours, as a file"] - found["ours, in the builder"]
    overhead -= found["empty, as a file"] - found["empty, in the builder"]
    yield Extra("--buildpack FILE", "ours over an empty one", round(overhead, 2), "s")


def _empty_package(stage: Stage) -> Path:
    """Return a buildpack that does nothing at all: the floor without layers."""
    folder = stage.folder / "empty"
    (folder / "bin").mkdir(parents=True)
    (folder / "buildpack.toml").write_bytes((BENCHMARKS / FLOOR / "buildpack.toml").read_bytes())
    for name in ("detect", "build"):
        (folder / "bin" / name).write_text("#!/bin/sh\nexit 0\n")
        (folder / "bin" / name).chmod(0o755)
    return folder


def measure_images(stage: Stage, app: App, rounds: int, say: Say) -> Iterator[Extra]:
    """Yield, for the image of each rival, start-up to the first answer and the time of the heavy imports."""
    slots = {name: stage.slot(app.name, name) for name in IMAGES}
    starts: dict[str, list[float]] = {name: [] for name in IMAGES}
    imports: dict[str, list[float]] = {name: [] for name in IMAGES}
    try:
        for name, slot in slots.items():
            slot.put_back(Start.NOTHING)
            source = stage.sources(app, Variant.BASE, name)
            outcome = stage.rival(name, app).build(Job(slot, source, stage.pythons.version, Start.NOTHING))
            if outcome.failure:
                raise DevkitError(f"{app.name} failed with {name}:\n{outcome.failure}")
        for number in range(rounds + 1):
            for name, slot in slots.items():
                started, imported = _start(slot.image, name), _import(slot.image, name, app.imports)
                # The first start reads the image's files from the disk.
                if number:
                    starts[name].append(started)
                    imports[name].append(imported)
        for name in IMAGES:
            say(f"  {app.name}, {name}: start {starts[name]}, imports {imports[name]}")
            yield Extra(app.name, f"start to first 200, {name}", round(statistics.median(starts[name]), 3), "s")
            yield Extra(app.name, f"imports, {name}", round(statistics.median(imports[name]), 3), "s")
    finally:
        for slot in slots.values():
            slot.forget()


def measure_slim_image(stage: Stage, app: App) -> Extra:
    """Return the size of the image that our buildpack makes when it is asked for a slim one."""
    ours = PackRival(OURS, stage.platform, stage.builder(OURS, stage.packaged.directory), _SLIM | stage.our_environment)
    slot = stage.slot(app.name, "slim")
    try:
        outcome = ours.build(Job(slot, stage.sources(app, Variant.BASE, OURS), stage.pythons.version, Start.NOTHING))
        if outcome.failure:
            raise DevkitError(f"{app.name} failed with {SLIM_PACKAGES.name}:\n{outcome.failure}")
        return Extra(
            app.name, f"image, {SLIM_PACKAGES.name}", round(sum(measure_layers(slot.image).values()) / 1e6, 1), "MB"
        )
    finally:
        slot.forget()


def _start(image: str, name: str) -> float:
    # The same number of workers for all: without it each would choose its own.
    environment = {"PORT": "8080", "WEB_CONCURRENCY": "2", "MPLCONFIGDIR": "/tmp"}  # noqa: S108 - in a container
    del name
    return seconds_to_answer(image, Way(ContainerOptions(env=environment)))


def _import(image: str, name: str, modules: Iterable[str]) -> float:
    code = f"import time; begin = time.perf_counter(); import {', '.join(modules)}; print(time.perf_counter() - begin)"
    entrypoint = None if name == DOCKERFILE else "launcher"
    environment = {"MPLCONFIGDIR": "/tmp", "HOME": "/tmp"}  # noqa: S108 - in a container
    finished = run_once(image, "python", "-c", code, options=ContainerOptions(env=environment, entrypoint=entrypoint))
    if finished.status != 0:
        raise DevkitError(f"the imports failed in the image of {name}:\n{finished.output}")
    return round(float(finished.output.split()[-1]), 3)
