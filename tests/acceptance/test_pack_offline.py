"""The offline package through the real pack with the network off: no index, no mirror, no name resolution."""

from pathlib import Path

import pytest

from devkit.interpreters import Source
from devkit.machine import machine_arch
from devkit.pack.build import PackBuild, PackResult
from devkit.pack.containers import run_container
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.offline import Offline
from devkit.packaging.package import Packaged, package
from manager_context import lock_poetry, write_app
from private_network import write_wheel

SERVER = """\
import http.server, os, hush

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(hush.WORD.encode())

http.server.HTTPServer(("", int(os.environ["PORT"])), Answer).serve_forever()
"""
POETRY = """\
[project]
name = "hello-app"
version = "1.0"
requires-python = ">=3.10,<4.0"
dependencies = []
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
hush = { path = "vendor/hush-1.0-py3-none-any.whl" }
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory, source: Source) -> Packaged:
    """Return a package with one Python and one tool."""
    wanted = Offline(("3.13",), ("poetry",))
    return package(machine_arch(), tmp_path_factory.mktemp("dist"), source, wanted)


def vendored(folder: Path, files: dict[str, str]) -> Path:
    """Write an app that serves what its one package says, a wheel among its own files."""
    app = write_app(folder, {"app.py": SERVER, "Procfile": "web: python app.py\n", "vendor/README": "", **files})
    write_wheel(app / "vendor", "hush", "WORD = 'nothing was downloaded'\n")
    return app


def build_cut_off(platform: Platform, app: Path, image: str, buildpack: Packaged | str) -> PackResult:
    """Build without a network, with the package's file or with a builder that holds it."""
    builder, files = (buildpack, ()) if isinstance(buildpack, str) else (platform.builder, (buildpack.file,))
    result = platform.build(PackBuild(app, image, builder, files, network="none"))
    assert result.status == 0, result.output
    return result


def answer(image: str) -> str:
    """Return what the image's app says."""
    with run_container(image) as container:
        return container.wait_for_http().text


def test_vendored_wheels_build_and_rebuild_without_a_network(
    platform: Platform, offline: Packaged, names: Names, tmp_path: Path
) -> None:
    """With --buildpack FILE: the app answers; nothing changed reuses all; other code builds, without a network too."""
    pins = "--no-index\n--find-links vendor\nhush==1.0\n"
    app = vendored(tmp_path / "app", {"requirements.txt": pins, "pyproject.toml": "[project]\nname='a'\nversion='1'\n"})
    image = names.image("offline")
    first = build_cut_off(platform, app, image, offline)
    assert "terrarium/python:python" in first.layers("Adding")
    assert answer(image) == "nothing was downloaded"
    again = build_cut_off(platform, app, image, offline)
    assert {"terrarium/python:python", "terrarium/python:dependencies"} <= set(again.layers("Reusing"))
    write_wheel(app / "vendor", "hush", "WORD = 'nor now'\n")
    (app / "requirements.txt").write_text(f"{pins}# changed\n", encoding="utf-8")
    changed = build_cut_off(platform, app, image, offline)
    assert "terrarium/python:dependencies" in changed.layers("Adding")
    assert answer(image) == "nor now"


def test_a_poetry_app_in_a_builder_that_holds_the_package(
    platform: Platform, offline: Packaged, names: Names, tmp_path: Path
) -> None:
    """Poetry comes from the package, the app's package from the app."""
    app = vendored(tmp_path / "app", {"pyproject.toml": POETRY})
    lock_poetry(app, tmp_path / "work", tmp_path / "layers")
    builder = platform.create_builder(names.image("offline-builder"), (offline.directory,))
    image = names.image("offline-poetry")
    result = build_cut_off(platform, app, image, builder)
    assert "poetry, because" in result.output
    assert answer(image) == "nothing was downloaded"
