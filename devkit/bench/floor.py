"""What the floor exports: the layers that ours has in each scenario, taken from the images that ours made."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devkit.bench.apps import App
from devkit.bench.model import FLOOR, OURS, Scenario, Start, Variant
from devkit.bench.rivals import Job
from devkit.bench.stage import Stage
from devkit.errors import DevkitError
from devkit.pack.app_image import inspect_image
from devkit.pack.commands import run
from devkit.pack.docker import DockerFailed, docker

LAYERS = "/layers/terrarium_python"


@dataclass(frozen=True, slots=True)
class Floor:
    """One directory for each scenario's variant, to be mounted in the floor's build."""

    folders: dict[Variant, Path]

    def folder(self, scenario: Scenario) -> Path:
        """Return what to mount."""
        return self.folders[scenario.variant]


def copy_layers(stage: Stage, app: App, scenarios: tuple[Scenario, ...], say: Callable[[str], object]) -> Floor:
    """Build the app with ours in every variant, not timed, and copy the layers of the images. Raises DevkitError."""
    ours, slot = stage.rival(OURS, app), stage.slot(app.name, OURS)
    variants = (Variant.BASE, *dict.fromkeys(s.variant for s in scenarios if s.variant is not Variant.BASE))
    folders: dict[Variant, Path] = {}
    digests: dict[str, Path] = {}
    try:
        for variant in variants:
            start = Start.NOTHING if variant is Variant.BASE else Start.ALL
            slot.put_back(start)
            job = Job(slot, stage.sources(app, variant, OURS), stage.python_of(variant), start)
            outcome = ours.build(job)
            say(f"  {app.name}: layers for the floor, {variant}: ours, not counted, {outcome.seconds:.2f} s")
            if outcome.failure:
                raise DevkitError(f"{app.name}, {variant}, failed with our own buildpack:\n{outcome.failure}")
            if variant is Variant.BASE:
                slot.keep()
            folders[variant] = _write(stage.folder / FLOOR / app.name / variant.name.lower(), slot.image, digests)
    finally:
        slot.forget()
    return Floor(folders)


def _write(folder: Path, image: str, digests: dict[str, Path]) -> Path:
    folder.mkdir(parents=True)
    lines = []
    container = docker("create", image, "-").strip()
    try:
        for full_name, digest in inspect_image(image).buildpack_layers.items():
            name, short = full_name.rpartition(":")[2], digest.removeprefix("sha256:")
            file = folder / f"{short}.tar"
            if digest in digests:
                file.hardlink_to(digests[digest])
            else:
                _save(container, f"{LAYERS}/{name}", file)
                digests[digest] = file
            lines.append(f"{name} {short}\n")
    finally:
        run(["docker", "rm", container])
    (folder / "layers").write_text("".join(lines))
    return folder


def _save(container: str, path: str, file: Path) -> None:
    with file.open("wb") as stream:
        finished = subprocess.run(["docker", "cp", f"{container}:{path}", "-"], stdout=stream, check=False)
    if finished.returncode != 0:
        raise DockerFailed(f"{path} could not be copied out of the image")
