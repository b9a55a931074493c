"""Names for the images that one test run makes, and taking them away again with all that pack kept for them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from devkit.pack.app_image import find_image
from devkit.pack.commands import run

PREFIX = "terrarium-test"
"""All names begin with it, so that what an interrupted run left behind can be found, too."""


@dataclass(frozen=True, slots=True)
class Names:
    """Hands out image names that no other run uses."""

    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def image(self, name: str) -> str:
        """Return the full name for an image of this run."""
        return f"{PREFIX}/{self.run}-{name}:latest"

    def remove_all(self) -> None:
        """Remove this run's images and its cache volumes."""
        remove_images(f"{PREFIX}/{self.run}-*", f"{PREFIX}_{self.run}-")


def remove_leftovers() -> None:
    """Remove what all test runs made and did not remove; not while one is under way."""
    remove_images(f"{PREFIX}/*", f"{PREFIX}_")


def remove_images(pattern: str, volume: str) -> None:
    """Remove the images whose name matches ``pattern`` and the volumes whose name holds ``volume``.

    Containers that still use them keep them alive; what is gone already is no error.
    """
    # By name and not by id: equal builds give one image, and other runs may have names for it, too.
    form = "{{.Repository}}:{{.Tag}}"
    images = run(["docker", "image", "ls", "--format", form, "--filter", f"reference={pattern}"]).output.split()
    if images:
        run(["docker", "image", "rm", "--force", *images])
    # pack names them pack-cache-<image name with _ for />_<tag>-<digest>.build or .launch
    volumes = run(["docker", "volume", "ls", "--quiet", "--filter", f"name={volume}"]).output.split()
    if volumes:
        run(["docker", "volume", "rm", *volumes])


@contextmanager
def replacing(name: str) -> Iterator[None]:
    """Remove, after the block, the image that went by ``name`` before it, if the block left it without any name."""
    before = find_image(name)
    yield
    left = find_image(before.id) if before else None
    if left is not None and not left.names:
        run(["docker", "image", "rm", left.id])
