"""What a release publishes: the buildpack as an image, from which pack installs it."""

from pathlib import Path

from devkit.pack.prepare import Platform
from devkit.packaging.image import write_image
from devkit.packaging.package import Packaged
from devkit.paths import SAMPLES
from devkit.release_trial import build_from_registry
from devkit.version import annotations


def test_the_image_in_a_registry_builds_an_app(platform: Platform, packaged: Packaged, tmp_path: Path) -> None:
    """Pushed as the release does it, named by the digest of the notes; the app that pack makes with it answers."""
    assert platform.builder
    image = tmp_path / "image.oci.tar"
    digest = write_image([packaged.file], annotations(), image)
    assert build_from_registry(image, digest, SAMPLES / "flask") == 0
