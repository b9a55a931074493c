"""Every sample through the real pack and lifecycle, on build and run images that hold no Python, and no shell."""

import shutil
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from devkit.pack.app_image import image_files, inspect_image
from devkit.pack.build import PackBuild, PackResult
from devkit.pack.containers import Container, ContainerOptions, run_container, run_once
from devkit.pack.docker import docker
from devkit.pack.images import SHELL_FREE_RUN
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from devkit.paths import SAMPLES

STRICT = ContainerOptions(user="12345:12345", read_only=True, tmpfs=("/tmp",), env={"PORT": "8080"})
"""As a careful platform runs an app: any uid, nothing to write to but /tmp."""

BIG_LAYERS = ("terrarium/python:python", "terrarium/python:dependencies")


@dataclass(frozen=True, slots=True)
class Samples:
    """The images of the samples, on a run image without a shell. Each is built once, for all tests of this file."""

    platform: Platform
    packaged: Packaged
    inventory: dict[str, str]
    names: Names
    results: dict[str, PackResult] = field(default_factory=dict)

    def request(self, name: str, app: Path | None = None) -> PackBuild:
        """Return what builds this sample, or a changed copy of it as the next build of the same image."""
        options = ("--run-image", self.platform.image(SHELL_FREE_RUN))
        source = app or SAMPLES / name
        image = self.names.image(name)
        return PackBuild(source, image, self.platform.builder, (self.packaged.file,), self.inventory, options=options)

    def built(self, name: str) -> PackResult:
        """Return the result of the sample's first build."""
        if name not in self.results:
            self.results[name] = build(self.platform, self.request(name))
        return self.results[name]


@pytest.fixture(scope="module")
def samples(platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names) -> Samples:
    """Return the samples, of which none is built yet."""
    return Samples(platform, packaged, inventory, names)


def expected_of(name: str) -> dict[str, Any]:
    """Return what a sample must do."""
    return tomllib.loads((SAMPLES / name / "expect.toml").read_text(encoding="utf-8"))


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
def test_a_sample_does_what_it_must_and_a_rebuild_reuses_it(name: str, samples: Samples) -> None:
    """It answers as its expect.toml says, read-only, under any uid and without sh; a rebuild reuses both big layers."""
    expected, first = expected_of(name), samples.built(name)
    assert set(BIG_LAYERS) <= set(first.layers("Adding"))
    assert set(inspect_image(first.image).processes) == {"web"}
    assert run_once(first.image, "sh", "-c", "true", options=ContainerOptions(entrypoint="launcher")).status != 0
    with run_container(first.image, options=STRICT) as container:
        if "log" in expected:
            wait_for_line(container, expected["log"])
        else:
            answer = container.wait_for_http(expected["path"])
            assert (answer.status, expected["body"] in answer.text) == (expected["status"], True), answer.text
        assert container.stop() in {0, 143}
    second = build(samples.platform, samples.request(name))
    assert set(BIG_LAYERS) <= set(second.layers("Reusing"))
    assert second.output.count("Reused (nothing changed)") == 2


def test_the_image_holds_no_tool_and_starts_without_a_shell(samples: Samples) -> None:
    """No uv, no pip, no installer's leftovers in PATH; the default process is the server itself."""
    image = samples.built("flask").image
    inspected = inspect_image(image)
    assert inspected.default_process == "web"
    assert inspected.processes["web"][0] == "gunicorn"
    with image_files(image) as files:
        paths = [path for path in files.getnames() if path.startswith("layers/terrarium_python/dependencies/")]
    found = [path for path in paths if path.rpartition("/")[2].startswith(("uv", "pip", "activate"))]
    assert (len(paths) > 100, found) == (True, [])


def test_code_changed_leaves_the_big_layers_alone(samples: Samples, tmp_path: Path) -> None:
    """The everyday rebuild exports the app and nothing else of ours."""
    samples.built("flask")
    app = tmp_path / "app"
    shutil.copytree(SAMPLES / "flask", app)
    code = (app / "app.py").read_text(encoding="utf-8")
    (app / "app.py").write_text(code.replace("Hello from Flask", "Changed"), encoding="utf-8")
    changed = build(samples.platform, samples.request("flask", app))
    assert changed.layers("Adding") == ()
    with run_container(changed.image, options=STRICT) as container:
        assert "Changed" in container.wait_for_http("/").text


def test_a_newer_run_image_is_put_below_an_image(samples: Samples, names: Names, tmp_path: Path) -> None:
    """By pack rebase, without a build: the buildpack's layers stay as they are, and the app answers on the new base."""
    first = inspect_image(samples.built("flask").image)
    base = samples.platform.image(SHELL_FREE_RUN)
    (tmp_path / "fixed").write_text("a newer library\n", encoding="utf-8")
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\nCOPY fixed /fixed\n", encoding="utf-8")
    newer = names.image("newer-run")
    docker("build", "--tag", newer, tmp_path)
    image = samples.built("flask").image
    with run_container(image, options=STRICT) as container:
        text, _, _ = container.wait_for_http("/").text.partition(", worker")
    rebased = samples.platform.pack.run("rebase", image, "--run-image", newer, "--pull-policy", "never", "--force")
    assert rebased.status == 0, rebased.output
    after = inspect_image(image)
    below, below_before = len(inspect_image(newer).layers), len(inspect_image(base).layers)
    assert (below, after.layers[below:]) == (below_before + 1, first.layers[below_before:])
    with image_files(image) as files:
        assert "fixed" in files.getnames()
    with run_container(image, options=STRICT) as container:
        assert container.wait_for_http("/").text.startswith(f"{text}, worker")


def test_a_builder_image_with_the_buildpack_inside(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names
) -> None:
    """A builder made by pack takes the package's directory, and builds need no --buildpack."""
    builder = platform.create_builder("terrarium/with-python:1", (packaged.directory,))
    image = names.image("inside")
    build(platform, PackBuild(SAMPLES / "flask", image, builder, (), inventory))
    with run_container(image, options=STRICT) as container:
        assert expected_of("flask")["body"] in container.wait_for_http("/").text


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
