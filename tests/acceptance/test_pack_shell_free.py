"""A run image without any shell, a read-only root, a user that nobody knows: every detected process still starts."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from devkit.pack.app_image import inspect_image
from devkit.pack.build import PackBuild
from devkit.pack.containers import Container, ContainerOptions, run_container, run_once
from devkit.pack.images import SHELL_FREE_RUN
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from devkit.paths import SAMPLES
from manager_context import write_app
from served_apps import FLASK
from worker_apps import CELERY_FILES

STRICT = ContainerOptions(user="54321:54321", read_only=True, tmpfs=("/tmp",))


@dataclass(frozen=True, slots=True)
class Case:
    """An app, and what each of its processes prints when it is up; a web process answers instead."""

    name: str
    says: Mapping[str, str]
    files: Mapping[str, str]
    """Files that replace or join those of the sample of this name, if there is one."""


CASES = (
    Case("flask", {}, {}),
    Case("django", {}, {}),
    Case("fastapi", {}, {}),
    Case("script", {"web": "worker: tick 1"}, {}),
    # PORT has to be put into the command, and there are three processes.
    Case(
        "waitress",
        {"worker": " ready.", "beat": "beat: Starting"},
        {"requirements.txt": "flask\nwaitress\ncelery\n", **FLASK.files, **CELERY_FILES},
    ),
)


def wait_for_line(container: Container, words: str) -> None:
    """Return when the process has printed ``words``; fail after a minute, or when it ends."""
    deadline = time.monotonic() + 60
    while words not in container.logs():
        assert container.is_running(), container.logs()
        assert time.monotonic() < deadline, container.logs()
        time.sleep(0.1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_detected_process_starts_without_a_shell(
    case: Case, platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """Neither sh nor bash is in the image; each process answers or says that it is up, and ends on SIGTERM."""
    app = tmp_path / "app"
    if (SAMPLES / case.name).is_dir():
        shutil.copytree(SAMPLES / case.name, app)
    write_app(app, case.files)
    image = names.image(f"no-shell-{case.name}")
    options = ("--run-image", platform.image(SHELL_FREE_RUN))
    result = platform.build(PackBuild(app, image, platform.builder, (packaged.file,), inventory, options=options))
    assert result.status == 0, result.output
    processes = inspect_image(image).processes
    assert set(processes) == {"web", *case.says}
    assert run_once(image, "sh", "-c", "true", options=ContainerOptions(entrypoint="launcher")).status != 0
    for kind in processes:
        limits = ContainerOptions(STRICT.env, kind, STRICT.user, read_only=True, tmpfs=STRICT.tmpfs)
        with run_container(image, options=limits) as container:
            if kind in case.says:
                wait_for_line(container, case.says[kind])
            else:
                assert container.wait_for_http("/", timeout=60).status == 200
            assert container.stop() in {0, 143}
