"""Command lines for pack and docker, and what is read from their answers: nothing here needs an engine."""

import json
import socket
from pathlib import Path

import pytest

from devkit.free_port import find_free_port
from devkit.pack.app_image import parse_inspection
from devkit.pack.build import Pack, PackBuild, PackResult, build_arguments
from devkit.pack.containers import ContainerOptions, run_arguments
from devkit.pack.remove import Names

OUTPUT = """\
===> RESTORING
Restoring metadata for "x/a:kept" from app image
===> BUILDING
    Adding layer 'x/a:said-by-the-app'
===> EXPORTING
Reusing layer 'x/a:kept'
Adding layer 'x/a:new'
Adding layer 'buildpacksio/lifecycle:launcher'
Added 1/1 app layer(s)
Adding label 'io.buildpacks.lifecycle.metadata'
Saving local/app:1...
Adding cache layer 'x/a:wheels'
Reusing cache layer 'x/a:tools'
"""


def test_the_shortest_build_is_local_and_trusted() -> None:
    """Nothing is pulled, the builder and the buildpacks are trusted, and the machine's servers can be reached."""
    assert build_arguments(PackBuild(Path("app"), "local/app:1", "builder:1")) == [
        "build", "local/app:1", "--path", "app", "--builder", "builder:1",
        "--pull-policy", "never", "--trust-builder", "--trust-extra-buildpacks", "--network", "host",
    ]  # fmt: skip


def test_a_build_with_everything() -> None:
    """Each buildpack, variable and volume is an option of its own; without a network's name pack chooses."""
    build = PackBuild(
        Path("app"), "a", "b", ("x.cnb", "y.cnb"), {"K": "1", "L": "a=b"}, None, True, ("/s:/t",), ("--verbose",)
    )
    assert build_arguments(build)[10:] == [
        "--buildpack", "x.cnb", "--buildpack", "y.cnb", "--env", "K=1", "--env", "L=a=b",
        "--volume", "/s:/t", "--clear-cache", "--verbose",
    ]  # fmt: skip


def test_pack_has_a_home_of_its_own(tmp_path: Path) -> None:
    """Pack runs with its own settings and cache names, whatever the user's are, and its status and output come back."""
    program = tmp_path / "pack"
    program.write_text('#!/bin/sh\necho "$PACK_HOME $PACK_VOLUME_KEY $*"\nexit 9\n')
    program.chmod(0o755)
    finished = Pack(program, tmp_path / "home").run("build", "x")
    assert (finished.status, finished.output) == (9, f"{tmp_path}/home terrarium build x --no-color\n")


def test_the_exporter_is_read() -> None:
    """Layers that were added or reused are the buildpacks' own, as the exporter names them; the cache's are apart."""
    result = PackResult("local/app:1", 0, OUTPUT, 1.0)
    assert (result.layers("Adding"), result.layers("Reusing")) == (("x/a:new",), ("x/a:kept",))
    assert (result.cached("Adding"), result.cached("Reusing")) == (("x/a:wheels",), ("x/a:tools",))


def inspection(labels: dict[str, object], entrypoint: list[str] | None) -> str:
    config = {"Env": ["A=1", "B=x=y"], "User": "1:2", "Entrypoint": entrypoint, "Cmd": None}
    texts = {name: json.dumps(value) for name, value in labels.items()} or None
    document = {"Id": "sha256:0", "Size": 5, "RepoTags": None, "RootFS": {"Layers": ["sha256:1"]}}
    return json.dumps([{**document, "Config": {**config, "Labels": texts}}])


def test_an_image_of_the_lifecycle_is_read() -> None:
    """Layers, their metadata and processes come from the labels that the lifecycle writes."""
    layers = {"deps": {"sha": "sha256:1", "data": {"key": "k"}}, "plain": {"sha": "sha256:2"}}
    web = {"type": "web", "command": ["gunicorn", "-b"], "args": ["app"], "direct": True}
    image = parse_inspection(
        inspection(
            {
                "io.buildpacks.lifecycle.metadata": {"buildpacks": [{"key": "x/a", "layers": layers}, {"key": "x/b"}]},
                "io.buildpacks.build.metadata": {"processes": [web, {"type": "old", "command": "run"}]},
            },
            ["/cnb/process/web"],
        )
    )
    assert image.env == {"A": "1", "B": "x=y"}
    assert image.buildpack_layers == {"x/a:deps": "sha256:1", "x/a:plain": "sha256:2"}
    assert image.layer_metadata == {"x/a:deps": {"key": "k"}, "x/a:plain": {}}
    assert image.processes == {"web": ("gunicorn", "-b", "app"), "old": ("run",)}
    assert image.default_process == "web"


@pytest.mark.parametrize("entrypoint", [None, ["/cnb/lifecycle/launcher"], ["sh", "-c"]])
def test_an_image_without_a_default_process(entrypoint: list[str] | None) -> None:
    """An image without the lifecycle's labels, or whose entry point is no process, is described as such."""
    image = parse_inspection(inspection({}, entrypoint))
    assert (image.default_process, image.processes, image.buildpack_layers) == (None, {}, {})
    assert (image.names, image.labels) == ((), {})


def test_containers_are_plain_unless_asked() -> None:
    """Without options, a container is that of ``docker run``."""
    assert run_arguments("image", ["arg"], ContainerOptions()) == ["--network", "bridge", "image", "arg"]


def test_containers_with_everything() -> None:
    """Each option has its place before the image; arguments follow it."""
    options = ContainerOptions(
        {"K": "1"}, "web", "5:6", True, ("/tmp", "/run"), "64m", 0.5, "none", ("--cap-drop", "ALL")
    )
    assert run_arguments("image", ["--arg"], options) == [
        "--env", "K=1", "--entrypoint", "web", "--user", "5:6", "--tmpfs", "/tmp", "--tmpfs", "/run",
        "--memory", "64m", "--cpus", "0.5", "--network", "none", "--read-only", "--cap-drop", "ALL", "image", "--arg",
    ]  # fmt: skip


def test_a_free_port_can_be_bound() -> None:
    """The port that is found is free."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", find_free_port()))


def test_runs_have_names_of_their_own() -> None:
    """Two runs never share a name, and one run asks twice for the same."""
    one, two = Names(), Names()
    assert one.image("app") == one.image("app")
    assert one.image("app") != two.image("app")
