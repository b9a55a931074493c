"""Every sample through the real pack and lifecycle, on build and run images that hold no Python."""

import shutil
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from devkit.pack.app_image import inspect_image
from devkit.pack.build import PackBuild, PackResult
from devkit.pack.containers import Container, ContainerOptions, run_container
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
STRICT = ContainerOptions(user="12345:12345", read_only=True, tmpfs=("/tmp",), env={"PORT": "8080"})
"""As a careful platform runs an app: any uid, nothing to write to but /tmp."""

BIG_LAYERS = ("terrarium/python:python", "terrarium/python:dependencies")


def sample(name: str) -> tuple[Path, dict[str, Any]]:
    """Return a sample's directory and what it must do."""
    folder = SAMPLES / name
    return folder, tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))


def wait_for_line(container: Container, line: str) -> None:
    """Return when the app has printed ``line``; fail after half a minute."""
    deadline = time.monotonic() + 30
    while line not in container.logs():
        assert time.monotonic() < deadline, container.logs()
        time.sleep(0.1)


def build(platform: Platform, build: PackBuild) -> PackResult:
    """Build, and show the log where it fails."""
    result = platform.build(build)
    assert result.status == 0, result.output
    return result


@pytest.mark.parametrize("name", ["flask", "fastapi", "django", "script"])
def test_a_sample_does_what_it_must_and_a_rebuild_reuses_it(
    name: str, platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names
) -> None:
    """It answers as its expect.toml says, read-only and under any uid; a second build reuses both big layers."""
    folder, expected = sample(name)
    image = names.image(name)
    request = PackBuild(folder, image, platform.builder, (packaged.file,), inventory)
    first = build(platform, request)
    assert set(BIG_LAYERS) <= set(first.layers("Adding"))
    with run_container(image, options=STRICT) as container:
        if "log" in expected:
            wait_for_line(container, expected["log"])
        else:
            answer = container.wait_for_http(expected["path"])
            assert (answer.status, expected["body"] in answer.text) == (expected["status"], True), answer.text
        assert container.stop() in {0, 143}
    second = build(platform, request)
    assert set(BIG_LAYERS) <= set(second.layers("Reusing"))
    assert second.output.count("Reused (nothing changed)") == 2


def test_the_image_holds_no_tool_and_starts_without_a_shell(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names
) -> None:
    """No uv, no pip, no installer's leftovers in PATH; the default process is the server itself."""
    folder, _ = sample("flask")
    image = names.image("bare")
    build(platform, PackBuild(folder, image, platform.builder, (packaged.file,), inventory))
    inspected = inspect_image(image)
    assert inspected.default_process == "web"
    assert inspected.processes["web"][0] == "gunicorn"
    with run_container(image) as container:
        container.wait_for_http("/")
        layer = "/layers/terrarium_python/dependencies"
        found = container.exec("find", layer, "-name", "uv*", "-o", "-name", "pip*", "-o", "-name", "activate*")
        assert found.output.split() == []


def test_a_builder_image_with_the_buildpack_inside(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names
) -> None:
    """A builder made by pack takes the package's directory, and builds need no --buildpack."""
    folder, expected = sample("flask")
    builder = platform.create_builder("terrarium/with-python:1", (packaged.directory,))
    image = names.image("inside")
    build(platform, PackBuild(folder, image, builder, (), inventory))
    with run_container(image, options=STRICT) as container:
        assert expected["body"] in container.wait_for_http("/").text


def test_code_changed_leaves_the_big_layers_alone(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """The everyday rebuild exports the app and nothing else of ours."""
    folder, _ = sample("flask")
    app = tmp_path / "app"
    shutil.copytree(folder, app)
    image = names.image("changed")
    request = PackBuild(app, image, platform.builder, (packaged.file,), inventory)
    build(platform, request)
    code = (app / "app.py").read_text(encoding="utf-8")
    (app / "app.py").write_text(code.replace("Hello from Flask", "Changed"), encoding="utf-8")
    second = build(platform, request)
    assert second.layers("Adding") == ()
    with run_container(image, options=STRICT) as container:
        assert "Changed" in container.wait_for_http("/").text


def test_an_app_that_is_not_python_is_left_to_others(
    platform: Platform, packaged: Packaged, names: Names, tmp_path: Path
) -> None:
    """Detection fails with our one line, and without an error."""
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    result = platform.build(PackBuild(tmp_path, names.image("node"), platform.builder, (packaged.file,)))
    assert result.status != 0
    assert "No Python app here" in result.output
    assert "Traceback" not in result.output


def test_an_error_of_the_users_is_explained(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """A version that does not exist ends the build with its code and the way out."""
    (tmp_path / "main.py").write_text("print(1)\n", encoding="utf-8")
    (tmp_path / "runtime.txt").write_text("python-3.12.99\n", encoding="utf-8")
    result = platform.build(PackBuild(tmp_path, names.image("broken"), platform.builder, (packaged.file,), inventory))
    assert result.status != 0
    assert "error: python-version-unknown" in result.output
    assert "To fix it:" in result.output
    assert "Traceback" not in result.output
