"""What the real platform shows of an image: its bills of materials and its labels."""

import json
import shutil
from pathlib import Path

from bills import REPORT, check_valid
from devkit.pack.app_image import inspect_image
from devkit.pack.build import PackBuild
from devkit.pack.containers import run_container
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from devkit.paths import CHECKOUT
from python_buildpack.settings.table import OCI_LABELS

PROJECT = """\
[project]
name = "shop"
version = "1.0"
description = "Sells things"
license = "MIT"
authors = [{ name = "A. Nna", email = "anna@shop.example" }]
[project.urls]
Homepage = "https://shop.example"
Source = "https://git.shop.example/shop"
"""
PREFIX = "org.opencontainers.image."


def test_an_image_is_described(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """Labels from pyproject.toml and all of BP_OCI_*; valid bills with just what runs, from a rebuild's image, too."""
    app = tmp_path / "app"
    shutil.copytree(CHECKOUT / "samples" / "flask", app)
    (app / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    image = names.image("described")
    request = PackBuild(app, image, platform.builder, (packaged.file,), inventory)
    assert platform.build(request).status == 0
    labels = inspect_image(image).labels
    assert {key.removeprefix(PREFIX): value for key, value in labels.items() if key.startswith(PREFIX)} == {
        "title": "shop",
        "version": "1.0",
        "description": "Sells things",
        "licenses": "MIT",
        "authors": "A. Nna <anna@shop.example>",
        "url": "https://shop.example",
        "source": "https://git.shop.example/shop",
    }
    assert labels["org.terrarium.python.framework"] == "flask"
    first = downloaded(platform, image, tmp_path / "first")
    check_valid(first)
    with run_container(image) as container:
        container.wait_for_http("/")
        running = json.loads(
            container.exec("/cnb/lifecycle/launcher", "--", "python", "-c", REPORT).output.splitlines()[-1]
        )
    assert listed(first["dependencies/sbom.cdx.json"]) == running["distributions"]
    python = {part[0]: part[1] for part in listed(first["python/sbom.cdx.json"])}
    assert {name: python[name] for name in running["libraries"]} == running["libraries"]

    settings = {setting.name: f"given-{name}" for name, setting in OCI_LABELS.items()}
    again = PackBuild(app, image, platform.builder, (packaged.file,), {**inventory, **settings})
    assert "Installing" not in platform.build(again).output
    labels = inspect_image(image).labels
    assert {name: labels[f"{PREFIX}{name}"] for name in OCI_LABELS} == {name: f"given-{name}" for name in OCI_LABELS}
    assert downloaded(platform, image, tmp_path / "second") == first


def downloaded(platform: Platform, image: str, folder: Path) -> dict[str, bytes]:
    """Return what ``pack sbom download`` writes of ours, each document under ``<layer>/<file>``."""
    finished = platform.pack.run("sbom", "download", image, "--output-dir", str(folder))
    assert finished.status == 0, finished.output
    ours = folder / "layers" / "sbom" / "launch" / "terrarium_python"
    return {str(path.relative_to(ours)): path.read_bytes() for path in sorted(ours.rglob("*.json"))}


def listed(document: bytes) -> list[list[str | None]]:
    """Return name and version of each component, sorted."""
    return sorted([part["name"], part.get("version")] for part in json.loads(document)["components"])
