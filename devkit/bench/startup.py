"""How long an image takes from ``docker run`` to its first answer, with the launcher and without it.

Without: the same image, packages and server, the server's script as the entrypoint and the variables given by hand, so
neither the launcher nor our exec.d helper runs. They take turns, so that what else the machine does meets both.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.build_with_pack import served
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.pack.build import PackBuild
from devkit.pack.containers import ContainerOptions, run_container
from devkit.pack.docker import DockerFailed
from devkit.pack.prepare import prepare_platform
from devkit.pack.remove import Names
from devkit.packaging.package import package
from devkit.paths import SAMPLES

TARGET = 1.15
VENV = "/layers/terrarium_python/dependencies/venv"
SAMPLE = "flask"
SERVER = (f"{VENV}/bin/gunicorn", "app:app")
VARIABLES = {
    "GUNICORN_CMD_ARGS": "--worker-tmp-dir /dev/shm --access-logfile -",
    "LANG": "C.UTF-8",
    "PORT": "8080",
    "PYTHONFAULTHANDLER": "1",
    "PYTHONUNBUFFERED": "1",
    "WEB_CONCURRENCY": "2",
}
"""What the launcher and the helper would have set."""
PAUSE = 0.002
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """A way to start the image."""

    options: ContainerOptions
    arguments: Sequence[str] = ()


WITH_LAUNCHER = Way(ContainerOptions(env={"WEB_CONCURRENCY": VARIABLES["WEB_CONCURRENCY"]}))
DIRECTLY = Way(ContainerOptions(env=VARIABLES, entrypoint=SERVER[0], options=("--workdir", "/workspace")), SERVER[1:])


def measure_startup(runs: int) -> dict[str, object]:
    """Build the Flask sample with pack, start it ``runs`` times in each way, and return seconds and their ratio.

    Raises PlatformUnavailable without an engine, and DockerFailed if the build or a start fails.
    """
    platform, names = prepare_platform(), Names()
    image = names.image("startup")
    source = find_source(machine_arch())
    try:
        with tempfile.TemporaryDirectory() as scratch, served(source) as variables:
            packaged = package(machine_arch(), Path(scratch), source)
            build = PackBuild(SAMPLES / SAMPLE, image, platform.builder, (packaged.file,), variables)
            result = platform.build(build)
        if result.status != 0:
            raise DockerFailed(f"the sample {SAMPLE} was not built:\n{result.output}")
        return compare(image, runs)
    finally:
        names.remove_all()


def compare(image: str, runs: int) -> dict[str, object]:
    """Start an image in both ways in turn, and return every time, the medians and their ratio."""
    for way in (WITH_LAUNCHER, DIRECTLY):
        # The first start reads the image's files from the disk.
        seconds_to_answer(image, way)
    launched: list[float] = []
    direct: list[float] = []
    for number in range(runs):
        # Whoever goes second finds the machine in the state that the first left: each is that in turn.
        order = (WITH_LAUNCHER, DIRECTLY) if number % 2 == 0 else (DIRECTLY, WITH_LAUNCHER)
        for way in order:
            (launched if way is WITH_LAUNCHER else direct).append(seconds_to_answer(image, way))
    medians = statistics.median(launched), statistics.median(direct)
    return {
        "launched": [round(seconds, 3) for seconds in launched],
        "direct": [round(seconds, 3) for seconds in direct],
        "launched median": round(medians[0], 3),
        "direct median": round(medians[1], 3),
        "ratio": round(medians[0] / medians[1], 3),
        "target": TARGET,
    }


def seconds_to_answer(image: str, way: Way) -> float:
    """Return the seconds from ``docker run`` to the first answer of 200. Raises DockerFailed if none comes."""
    begin = time.monotonic()
    with run_container(image, *way.arguments, options=way.options) as container:
        while time.monotonic() < begin + PATIENCE:
            try:
                answer = container.request()
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE)
                continue
            seconds = time.monotonic() - begin
            if answer.status == http.HTTPStatus.OK:
                return seconds
            raise DockerFailed(f"the app answered {answer.status}")
        raise DockerFailed(f"no answer within {PATIENCE:g} seconds:\n{container.logs()}")


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description="Start-up with the launcher, compared with the same server without.")
    parser.add_argument("--runs", type=int, default=9, help="starts in each way (default: 9)")
    print(json.dumps(measure_startup(parser.parse_args().runs), indent=2))


if __name__ == "__main__":
    main()
