"""The Dockerfiles of the image extension, applied to Debian images by an engine as the extender does it."""

import subprocess
from pathlib import Path

import pytest

from devkit.pack.docker import docker
from devkit.pack.images import BUILD, RUN, BaseImage
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from manager_context import write_app
from real_phases import EXTENSION


@pytest.mark.parametrize(("kind", "base"), [("build", BUILD), ("run", RUN)], ids=["build", "run"])
def test_packages_are_in_the_extended_image(
    kind: str, base: BaseImage, platform: Platform, names: Names, tmp_path: Path
) -> None:
    """They are installed from the image's own repositories, and its user is not root afterwards."""
    app = write_app(tmp_path / "app", {"Aptfile": "tini\n"})
    (tmp_path / "out").mkdir()
    env = {"PATH": "/usr/bin:/bin", "CNB_OUTPUT_DIR": str(tmp_path / "out")}
    subprocess.run([EXTENSION / "bin" / "generate"], cwd=app, env=env, check=True)
    user, group = base.user.split(":")
    given = {"base_image": platform.image(base), "user_id": user, "group_id": group}
    options = [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]
    image = names.image(f"extended-{kind}")
    docker(
        "build", "--network", "host", "--file", tmp_path / "out" / f"{kind}.Dockerfile", "--tag", image, *options, app
    )
    said = docker("run", "--rm", "--network", "none", image, "sh", "-c", "id -u; tini --version").split()
    assert said[:3] == [user, "tini", "version"]
