"""Bills of materials and labels of real builds: what the image has is what they say, and it stays with the layers."""

import functools
import http.server
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.launch import launch
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.paths import CHECKOUT
from python_buildpack.sbom.interpreter import LIBRARIES

Attempt = Callable[..., Built | Failed]

REPORT = """
import importlib.metadata, json, platform, sqlite3, ssl, zlib
found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
print(json.dumps({"distributions": found, "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION,
                  "sqlite": sqlite3.sqlite_version, "openssl": ssl.OPENSSL_VERSION.split()[1]}))
"""

BACKEND = """
import zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {"tiny.py": "", "tiny-0.1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: tiny\\nVersion: 0.1\\n",
             "tiny-0.1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    record = "".join(f"{name},,\\n" for name in (*files, "tiny-0.1.dist-info/RECORD"))
    with zipfile.ZipFile(f"{wheel_directory}/tiny-0.1-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, "tiny-0.1.dist-info/RECORD": record}.items():
            wheel.writestr(name, text)
    return "tiny-0.1-py3-none-any.whl"
"""


def make_app(folder: Path) -> Path:
    """Write an app with a few real packages that prints what is installed."""
    folder.mkdir()
    (folder / "requirements.txt").write_text("jinja2==3.1.4\nitsdangerous==2.1.2\n", encoding="utf-8")
    (folder / "main.py").write_text(REPORT, encoding="utf-8")
    return folder


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return the app, to be built and changed."""
    return make_app(tmp_path / "app")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> Path:
    """Return where the app was built once, for tests that only look at it."""
    folder = tmp_path_factory.mktemp("image")
    env = {"BP_PYTHON_INVENTORY": str(mirror.inventory)}
    built(build(Request((CHECKOUT,), make_app(folder / "app"), folder / "state", env=env)))
    return folder


def built(result: Built | Failed) -> Built:
    """Return the result of a build that must succeed."""
    assert isinstance(result, Built), result.log
    return result


def bills(tmp_path: Path) -> dict[str, bytes]:
    """Return the documents of the image, each under ``<layer>/<file>``, where the lifecycle puts them."""
    folder = tmp_path / "state" / "layers" / "sbom" / "launch" / "terrarium_python"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def components(tmp_path: Path, layer: str) -> dict[str, dict[str, Any]]:
    """Return what a layer's CycloneDX document lists, by name."""
    found = json.loads(bills(tmp_path)[f"{layer}/sbom.cdx.json"])["components"]
    by_name = {part["name"]: part for part in found}
    assert len(by_name) == len(found)
    return by_name


def report(tmp_path: Path) -> dict[str, Any]:
    """Start the image and return what the app printed."""
    with launch(tmp_path / "state") as running:
        assert running.wait() == 0, running.log
        answer: dict[str, Any] = json.loads(running.log)
        return answer


def test_the_bills_list_what_the_app_has(image: Path) -> None:
    """All distributions that the running app finds, the interpreter and its libraries; nothing else, nothing twice."""
    running = report(image)
    dependencies, python = (components(image, layer) for layer in ("dependencies", "python"))
    assert {name: part["version"] for name, part in dependencies.items()} == running["distributions"]
    assert {name: python[name]["version"] for name in ("python", "zlib", "sqlite", "openssl")} == {
        name: running[name] for name in ("python", "zlib", "sqlite", "openssl")
    }
    assert python.keys() - LIBRARIES.keys() == {"python"}


def test_the_bills_say_what_needs_what(image: Path) -> None:
    """The graph of the installed packages hangs on the layer."""
    document = json.loads(bills(image)["dependencies/sbom.cdx.json"])
    edges = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
    markupsafe = components(image, "dependencies")["MarkupSafe"]["purl"]
    assert edges["pkg:pypi/jinja2@3.1.4"] == [markupsafe]
    assert edges["layer:dependencies"] == ["pkg:pypi/itsdangerous@2.1.2", "pkg:pypi/jinja2@3.1.4"]


def test_the_bills_are_valid(image: Path) -> None:
    """Two layers in two formats, by the official schema and by SPDX's own library."""
    found = bills(image)
    assert sorted(found) == [
        f"{layer}/sbom.{kind}.json" for layer in ("dependencies", "python") for kind in ("cdx", "spdx")
    ]
    for name, content in found.items():
        if name.endswith("cdx.json"):
            assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
        else:
            document = JsonLikeDictParser().parse(json.loads(content))  # type: ignore[no-untyped-call] # theirs
            assert validate_full_spdx_document(document, "SPDX-2.3") == []


def test_the_bills_stay_with_layers_that_are_reused(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """A rebuild keeps them byte for byte, with its layers or, after a change, beside a new one."""
    built(attempt(app))
    first = bills(tmp_path)
    again = built(attempt(app))
    assert "Installing" not in again.log
    assert bills(tmp_path) == first
    (app / "requirements.txt").write_text("itsdangerous==2.1.2\n", encoding="utf-8")
    built(attempt(app))
    assert components(tmp_path, "dependencies").keys() == {"itsdangerous"}
    assert bills(tmp_path)["python/sbom.spdx.json"] == first["python/sbom.spdx.json"]


def test_two_builds_give_equal_bills(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Neither time nor chance is in them."""
    built(attempt(app))
    first = bills(tmp_path)
    built(attempt(app, previous_image=False, cache=False))
    assert bills(tmp_path) == first


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve a git repository with a package on loopback; return its address without scheme, and the commit."""
    source = tmp_path / "tiny"
    source.mkdir()
    (source / "backend.py").write_text(BACKEND, encoding="utf-8")
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments: str) -> str:
        argv = ["git", "-c", "user.name=us", "-c", "user.email=us@example.org", *arguments]
        return subprocess.run(argv, cwd=source, env=env, check=True, capture_output=True, text=True).stdout.strip()

    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first"), ("update-server-info",)):
        git(*arguments)
    handler = functools.partial(Quiet, directory=str(source))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}/.git", git("rev-parse", "HEAD")
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Stay silent."""


def test_an_origin_is_told_without_its_credentials(
    app: Path, attempt: Attempt, tmp_path: Path, repository: tuple[str, str]
) -> None:
    """A package from a private repository: its address and commit are in both bills, the token in none."""
    address, commit = repository
    line = f"tiny @ git+http://ci:t0psecret@{address}\n"
    (app / "requirements.txt").write_text(line, encoding="utf-8")
    built(attempt(app))
    tiny = components(tmp_path, "dependencies")["tiny"]
    assert tiny["externalReferences"] == [{"comment": f"commit {commit}", "type": "vcs", "url": f"http://{address}"}]
    spdx = json.loads(bills(tmp_path)["dependencies/sbom.spdx.json"])
    assert spdx["packages"][0]["downloadLocation"] == f"git+http://{address}@{commit}"
    assert not [name for name, content in bills(tmp_path).items() if b"t0psecret" in content]


def test_the_image_is_labelled(app: Path, attempt: Attempt) -> None:
    """From pyproject.toml and the settings; a rebuild with other settings has other labels and the same layers."""
    text = '[project]\nname = "shop"\nversion = "1.0"\ndescription = "Sells things"\n'
    (app / "pyproject.toml").write_text(text, encoding="utf-8")
    first = built(attempt(app, {"BP_OCI_VERSION": "1.0-rc1"}))
    prefix = "org.opencontainers.image."
    assert {key.removeprefix(prefix): value for key, value in first.labels.items() if key.startswith(prefix)} == {
        "title": "shop",
        "version": "1.0-rc1",
        "description": "Sells things",
    }
    assert first.labels["org.terrarium.python.version"].startswith("3.")
    assert first.labels["org.terrarium.python.package-manager"] == "requirements.txt"
    second = built(attempt(app))
    assert second.labels[f"{prefix}version"] == "1.0"
    assert "Installing" not in second.log
