"""A run image without any shell, a read-only root, a user that nobody knows: every detected process still starts."""

import time
from pathlib import Path

from devkit.pack.app_image import inspect_image
from devkit.pack.build import PackBuild
from devkit.pack.containers import Container, ContainerOptions, run_container, run_once
from devkit.pack.images import SHELL_FREE_RUN
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from manager_context import write_app
from served_apps import FLASK
from worker_apps import CELERY_FILES

STRICT = ContainerOptions(user="54321:54321", read_only=True, tmpfs=("/tmp",))


# PORT has to be put into the command, and there are three processes.
FILES = {"requirements.txt": "flask\nwaitress\ncelery\n", **FLASK.files, **CELERY_FILES}
SAYS = {"worker": " ready.", "beat": "beat: Starting"}
"""Process → what it prints when it is up; the web process answers instead."""


def wait_for_line(container: Container, words: str) -> None:
    """Return when the process has printed ``words``; fail after a minute, or when it ends."""
    deadline = time.monotonic() + 60
    while words not in container.logs():
        assert container.is_running(), container.logs()
        assert time.monotonic() < deadline, container.logs()
        time.sleep(0.1)


def test_every_detected_process_starts_without_a_shell(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """Neither sh nor bash is in the image; each process answers or says that it is up, and ends on SIGTERM.

    The samples are started without a shell in test_pack_samples.py.
    """
    app = write_app(tmp_path / "app", FILES)
    image = names.image("no-shell")
    options = ("--run-image", platform.image(SHELL_FREE_RUN))
    result = platform.build(PackBuild(app, image, platform.builder, (packaged.file,), inventory, options=options))
    assert result.status == 0, result.output
    assert set(inspect_image(image).processes) == {"web", *SAYS}
    assert run_once(image, "sh", "-c", "true", options=ContainerOptions(entrypoint="launcher")).status != 0
    for kind in ("web", *SAYS):
        limits = ContainerOptions(STRICT.env, kind, STRICT.user, read_only=True, tmpfs=STRICT.tmpfs)
        with run_container(image, options=limits) as container:
            if kind in SAYS:
                wait_for_line(container, SAYS[kind])
            else:
                assert container.wait_for_http("/", timeout=60).status == 200
            assert container.stop() in {0, 143}
