"""docs/platforms/builder.toml, which users copy: the real pack makes a builder of it, and the builder builds."""

import tomllib
from pathlib import Path

import tomlkit

from devkit.pack.build import PackBuild
from devkit.pack.images import BUILD, RUN
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from devkit.paths import CHECKOUT, SAMPLES

EXAMPLE = CHECKOUT / "docs" / "platforms" / "builder.toml"


def test_the_example_makes_a_builder(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """Only the images, the place of the package and a lifecycle that needs no download are put into it."""
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert Path(document["buildpacks"][0]["uri"]).name == packaged.file.name
    document["buildpacks"][0]["uri"] = str(packaged.file)
    document["build"]["image"] = platform.image(BUILD)
    document["run"]["images"][0]["image"] = platform.image(RUN)
    document["lifecycle"] = {"uri": str(platform.toolchain.lifecycle_archive)}
    file = tmp_path / "builder.toml"
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    builder = names.image("example-builder")
    made = platform.pack.run("builder", "create", builder, "--config", str(file), "--pull-policy", "never")
    assert made.status == 0, made.output
    assert "unknown" not in made.output.lower(), "pack warns of keys that it does not know"
    result = platform.build(PackBuild(SAMPLES / "script", names.image("example"), builder, (), inventory))
    assert result.status == 0, result.output
