"""Tries a release on this machine: its image in a registry, and a build that installs the buildpack from there."""

import os
import tempfile
from pathlib import Path

from devkit.build_with_pack import build_and_print, serve_image
from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.pack.build import PackBuild
from devkit.pack.commands import run_step
from devkit.pack.debian import install_missing
from devkit.pack.prepare import prepare_platform
from devkit.pack.registry import registry
from devkit.serving import Wish
from devkit.version import own_version

_PATIENCE = 30.0
"""Seconds within which the app has to answer."""


def build_from_registry(image: Path, digest: str, app: Path) -> int:
    """Push ``image`` (an OCI archive) to a registry here, build and start ``app`` with it, and return the exit status.

    The buildpack is named by the digest that the release notes give. Raises DevkitError.
    """
    platform = prepare_platform(say=print)
    with tempfile.TemporaryDirectory(prefix="release-") as folder, registry(Path(folder)) as address:
        buildpack = f"{address}/terrarium/python"
        push_archive(image, f"{buildpack}:{own_version()}")
        print(f"pushed to {buildpack}:{own_version()}")
        build = PackBuild(
            app,
            f"terrarium-release/{app.name}",
            platform.builder,
            (f"{buildpack}@{digest}",),
            clear_cache=True,
            options=("--pull-policy", "if-not-present"),
        )
        result = build_and_print(platform, find_source(machine_arch()), build)
    if result.status != os.EX_OK:
        raise DevkitError(f"pack build with the image of the release ended with status {result.status}")
    return serve_image(build.image, Wish.read(app, serve=False, port=0, timeout=_PATIENCE))


def push_archive(archive: Path, name: str) -> None:
    """Copy an OCI archive with all its architectures to a registry on loopback, without changing a byte."""
    install_missing({"skopeo": "skopeo"})
    argv = ["skopeo", "copy", "--all", "--preserve-digests", "--dest-tls-verify=false"]
    # Debian's policy file may be missing where only the program was installed: what is copied here is our own.
    run_step(f"Pushing {name}", [*argv, "--insecure-policy", f"oci-archive:{archive}", f"docker://{name}"])
