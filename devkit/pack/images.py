"""Build and run images that hold Debian and nothing else, above all no Python: that has to do for a buildpack."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from devkit.pack.cache import Cache, fingerprint
from devkit.pack.commands import run, run_step
from devkit.pack.remove import replacing
from devkit.pack.rootfs import (
    GROUP,
    SEARCH_PATH,
    USERS,
    RootFilesystem,
    ensure_root_filesystem,
    read_distribution,
    root_fingerprint,
)

RECIPE = "1"
"""Counted up when the code below makes other images of the same specification."""
FINGERPRINT_LABEL = "terrarium.fingerprint"


@dataclass(frozen=True, slots=True)
class BaseImage:
    """A build or run image."""

    name: str
    user: str
    """Numeric, user and group: the lifecycle compares them with its own."""
    files: RootFilesystem = field(default_factory=RootFilesystem)
    environment: Mapping[str, str] = field(default_factory=dict)


BUILD = BaseImage(
    "terrarium/build:1",
    f"{USERS['cnb']}:{GROUP}",
    environment={"CNB_USER_ID": str(USERS["cnb"]), "CNB_GROUP_ID": str(GROUP)},
)
RUN = BaseImage("terrarium/run:1", f"{USERS['run']}:{GROUP}")
"""Its user is another than the build image's, so an app cannot write its own files, as on most platforms."""
COMPILER_BUILD = BaseImage(
    "terrarium/build-compiler:1", BUILD.user, RootFilesystem(packages=("build-essential",)), BUILD.environment
)
SHELL_FREE_RUN = BaseImage(
    "terrarium/run-no-shell:1",
    RUN.user,
    RootFilesystem(removed=("usr/bin/bash", "usr/bin/dash", "usr/bin/rbash", "usr/bin/sh")),
)


def ensure_image(image: BaseImage, cache: Cache, certificates: bytes | None) -> str:
    """Return the image's name, having made the image unless it is there as specified. Raises PlatformUnavailable."""
    mark = image_fingerprint(image, certificates)
    with cache.locked("images"):
        if read_label(image.name, FINGERPRINT_LABEL) != mark:
            archive = ensure_root_filesystem(image.files, cache, certificates)
            changes = image_changes(image, mark, *read_distribution(archive))
            arguments = [argument for change in changes for argument in ("--change", change)]
            with replacing(image.name):
                run_step(f"Importing {image.name}", ["docker", "import", *arguments, archive, image.name])
    return image.name


def image_fingerprint(image: BaseImage, certificates: bytes | None) -> str:
    """Return a fingerprint of an image."""
    return fingerprint(RECIPE, root_fingerprint(image.files, certificates), json.dumps(asdict(image), sort_keys=True))


def image_changes(image: BaseImage, mark: str, distribution: str, version: str) -> list[str]:
    """Return the configuration of an image, as Dockerfile instructions."""
    environment = {"PATH": SEARCH_PATH, **image.environment}
    labels = {
        "io.buildpacks.base.distro.name": distribution,
        "io.buildpacks.base.distro.version": version,
        FINGERPRINT_LABEL: mark,
    }
    return [
        *(f"ENV {name}={value}" for name, value in environment.items()),
        *(f"LABEL {name}={value}" for name, value in labels.items()),
        f"USER {image.user}",
    ]


def read_label(image: str, label: str) -> str | None:
    """Return a label of a local image, or None where there is no such image or label."""
    finished = run(["docker", "image", "inspect", "--format", f'{{{{index .Config.Labels "{label}"}}}}', image])
    return (finished.output.strip() or None) if finished.status == 0 else None
