"""Packages without a wheel, through the real pack: compiled once where there is a compiler, explained where not."""

from pathlib import Path

from compiled_source import publish_source
from devkit.pack.build import PackBuild
from devkit.pack.containers import run_container
from devkit.pack.images import COMPILER_BUILD
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from manager_context import write_app
from wheel_index import light, serve_wheels

APP = """\
import terragem
from flask import Flask
app = Flask(__name__)
@app.get("/")
def root():
    return str(terragem.answer())
"""


def test_a_package_is_compiled_once_where_there_is_a_compiler(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """The app answers; a changed build takes the kept wheel; without a compiler the message names the package."""
    builder = platform.create_builder(names.image("compiler-builder"), (packaged.directory,), build=COMPILER_BUILD)
    image = names.image("compiled")
    with serve_wheels(tmp_path / "index") as index:
        publish_source(index, "terragem", Path("/tmp/compiled"))
        index.add(light("terrafeather", "1.0"))
        variables = {**inventory, "PIP_EXTRA_INDEX_URL": index.url}
        app = write_app(tmp_path / "app", {"requirements.txt": "flask\ngunicorn\nterragem\n", "app.py": APP})
        first = platform.build(PackBuild(app, image, builder, (), variables))
        assert first.status == 0, first.output
        assert "Building terragem" in first.output
        with run_container(image) as container:
            assert container.wait_for_http().text == "42"

        (app / "requirements.txt").write_text("flask\ngunicorn\nterragem\nterrafeather\n", encoding="utf-8")
        second = platform.build(PackBuild(app, image, builder, (), variables))
        assert second.status == 0, second.output
        assert "terrafeather 1.0" in second.output
        assert "Building terragem" not in second.output
        with run_container(image) as container:
            assert container.wait_for_http().text == "42"

        without = platform.build(
            PackBuild(app, names.image("uncompiled"), platform.builder, (packaged.file,), variables)
        )
    assert without.status != 0
    assert "error: compiler-missing" in without.output
    assert "terragem" in without.output.partition("error: compiler-missing")[2]
