"""Platforms that run builds without pack: the lifecycle's phases one by one, with a registry, at old and new APIs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devkit.pack.containers import ContainerOptions, run_container
from devkit.pack.docker import docker
from devkit.pack.images import RUN
from devkit.pack.phases import PHASES, PhasedBuild, Volumes, build_in_phases, platform_volumes, with_stack
from devkit.pack.prepare import Platform
from devkit.pack.registry import push, registry
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from devkit.paths import SAMPLES
from manager_context import write_app


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, platform: Platform) -> Iterator[str]:
    """Yield the address of a registry on the loopback."""
    del platform  # it has the engine, which pushes
    with registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture(scope="module")
def request_of(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, address: str
) -> PhasedBuild:
    """Return a build of a sample on a builder that holds our buildpack; the test says at which API."""
    builder = platform.create_builder(names.image("phases-builder"), (packaged.directory,))
    run_image = push(with_stack(platform.image(RUN), names.image("phases-run")), address)
    return PhasedBuild(SAMPLES / "flask", f"{address}/app:latest", builder, run_image, "0.9", inventory)


def build(request: PhasedBuild, volumes: Volumes) -> str:
    """Run all phases and return the exporter's log; show the log of the one that fails."""
    phases = build_in_phases(request, volumes)
    assert [(phase.name, phase.finished.status) for phase in phases] == [(name, 0) for name in PHASES], phases[
        -1
    ].finished.output
    return phases[-1].finished.output


@pytest.mark.parametrize("api", ["0.7", "0.8", "0.9", "0.12", "0.13", "0.14"])
def test_phases_one_by_one(api: str, request_of: PhasedBuild, names: Names, address: str) -> None:
    """The image serves, and a second build takes both big layers from the registry by reference."""
    image = f"{address}/{names.run}-{api.replace('.', '-')}:latest"
    request = replace(request_of, api=api, image=image)
    with platform_volumes() as volumes:
        assert "Adding layer 'terrarium/python:dependencies'" in build(request, volumes)
        again = build(request, volumes)
    for layer in ("python", "dependencies", "runtime"):
        assert f"Reusing layer 'terrarium/python:{layer}'" in again
    docker("pull", "--quiet", image)
    try:
        with run_container(image, options=ContainerOptions(read_only=True, tmpfs=("/tmp",))) as container:
            assert container.wait_for_http().status == 200
    finally:
        docker("image", "rm", image)


HUNGRY = {
    "requirements.txt": "./hungry\n",
    "main.py": "import hungry\n",
    "hungry/pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    '[project]\nname = "hungry"\nversion = "1"\n',
    "hungry/backend.py": "def build_wheel(*_, **__):\n    return 'x' * (1 << 33)\n",
}


def test_a_memory_limit_is_told_as_one(request_of: PhasedBuild, tmp_path: Path) -> None:
    """The kernel kills what uses most, here a package's own build; the message names the package and the memory."""
    app = write_app(tmp_path, HUNGRY)
    with platform_volumes() as volumes:
        *_, last = build_in_phases(replace(request_of, app=app, api="0.14", memory="512m"), volumes)
    said = " ".join(last.finished.output.split())
    assert (last.name, "error: installer-killed" in said) == ("builder", True), last.finished.output
    assert "hungry" in said
    assert "most likely out of memory" in said
    assert "Give the build more memory" in said


def test_an_app_that_is_not_python_fails_detection_alone(request_of: PhasedBuild, tmp_path: Path) -> None:
    """The detector says so by its own status, and no later phase runs."""
    (tmp_path / "index.html").write_text("<p>", encoding="utf-8")
    with platform_volumes() as volumes:
        phases = build_in_phases(replace(request_of, app=tmp_path), volumes)
    assert [phase.name for phase in phases] == ["analyzer", "detector"]
    assert phases[-1].finished.status == 20
    assert "Traceback" not in phases[-1].finished.output
