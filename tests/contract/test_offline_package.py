"""The offline package in the local lifecycle, every way to a network leading to a closed port."""

import json
import os
import re
import socket
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from built_apps import built, cached_digests, failed, outcomes
from devkit.interpreters import Source
from devkit.inventory.document import read_inventory
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.machine import machine_arch
from devkit.packaging.assemble import Assembly, assemble
from devkit.packaging.offline import Offline
from devkit.paths import CHECKOUT
from manager_context import lock_pipenv, write_app
from private_network import write_wheel
from python_buildpack.tools.pinned import PIP, PIPENV, WHEELS

Attempt = Callable[..., Built | Failed]
VENDORED = "--no-index\n--find-links vendor\nhush==1.0\n"
PIPFILE = '[packages]\nhush = {file = "vendor/hush-1.0-py3-none-any.whl"}\n'
ALLOWED = frozenset({"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "PSF-2.0", "Python-2.0"})
"""What a package may carry along unchanged."""
LICENCE_FILES = ("LICEN", "COPYING", "NOTICE")


@pytest.fixture(scope="module")
def offline(mirror: Source) -> Iterator[Path]:
    """Yield a buildpack with two Pythons and one tool, as a directory."""
    with tempfile.TemporaryDirectory(prefix="terrarium-offline-") as folder:
        assembly = Assembly(machine_arch(), Path(folder, "buildpack"), mirror, Offline(("3.13", "3.12"), ("pipenv",)))
        bills = assemble(assembly)
        Path(folder, "bill.json").write_bytes(next(bill.content for bill in bills if bill.format.value == "cdx"))
        yield assembly.directory


@pytest.fixture
def attempt_cut_off(tmp_path: Path, offline: Path) -> Iterator[Attempt]:
    """Yield a function that builds a directory while nobody listens where all requests are sent to."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), closed)
        lifecycle_env = {**os.environ, **proxies, "NO_PROXY": "", "no_proxy": ""}

        def attempt(app: Path, state: str = "state") -> Built | Failed:
            return build(Request((offline,), app, tmp_path / state, lifecycle_env=lifecycle_env))

        yield attempt


def vendored(folder: Path, files: dict[str, str]) -> Path:
    """Write an app with a wheel among its own files."""
    app = write_app(folder, {"app.py": "import hush\n", "Procfile": "web: python app.py\n", **files})
    write_wheel(app / "vendor", "hush", "WORD = 'hush'\n")
    return app


def cached_files(state: Path) -> list[str]:
    """Return the names of all files in the cache, archives of interpreters among them."""
    return [path.name for path in state.rglob("*.tar.*")]


def test_vendored_wheels_on_an_included_python(tmp_path: Path, attempt_cut_off: Attempt) -> None:
    """A range takes an included build though others are newer; no archive is cached; a rebuild reuses all."""
    app = vendored(tmp_path / "app", {"requirements.txt": VENDORED, ".python-version": ">=3.10,<3.13\n"})
    first = built(attempt_cut_off(app))
    assert "3.12 is the newest that it allows and this package includes" in " ".join(first.log.split())
    assert "1 package: hush 1.0" in first.log
    assert cached_files(tmp_path / "state") == []
    assert list(cached_digests(first)) == ["cache"]
    again = built(attempt_cut_off(app))
    assert {outcomes(again)[name] for name in ("python", "dependencies")} == {"by reference"}


def test_an_app_that_names_no_python_gets_the_included_default_that_its_wheels_fit(
    tmp_path: Path, attempt_cut_off: Attempt
) -> None:
    """The pins are asked of the app's own wheels, not of an index: one for 3.12 alone leads to 3.12."""
    app = vendored(tmp_path / "app", {"requirements.txt": VENDORED})
    wheel = app / "vendor" / "hush-1.0-py3-none-any.whl"
    log = built(attempt_cut_off(app)).log
    assert "3.13.0, because the app names no version and this is the default" in log
    wheel.rename(wheel.with_name("hush-1.0-cp312-none-any.whl"))
    log = built(attempt_cut_off(app, "new")).log
    assert "3.12.1, because the app names no version, and hush 1.0 has no wheel for a newer one" in " ".join(
        log.split()
    )


def test_a_python_that_is_not_included(tmp_path: Path, attempt_cut_off: Attempt) -> None:
    """It is fetched as usual; where that fails, the error says what the package includes."""
    log = failed(attempt_cut_off(vendored(tmp_path / "app", {"runtime.txt": "python-3.14.0\n"})))
    assert "error: python-not-included" in log
    assert "which includes: 3.12.1, 3.13.0." in log


@pytest.mark.network
def test_a_tool_comes_from_the_package(tmp_path: Path, attempt_cut_off: Attempt) -> None:
    """Pipenv is installed and runs; only the lock was made with a network."""
    app = vendored(tmp_path / "app", {"Pipfile": PIPFILE})
    lock_pipenv(app, tmp_path / "work", tmp_path / "layers")
    result = built(attempt_cut_off(app))
    assert "pipenv, because" in result.log
    assert cached_files(tmp_path / "state") == []


def test_a_tool_that_is_not_included(tmp_path: Path, attempt_cut_off: Attempt) -> None:
    """The error says how to make a package that has it."""
    project = '[project]\nname = "a"\nversion = "1"\ndependencies = []\n[tool.pdm]\ndistribution = false\n'
    lock = '[metadata]\nlock_version = "4.5.0"\n'
    log = failed(attempt_cut_off(write_app(tmp_path / "app", {"pyproject.toml": project, "pdm.lock": lock})))
    assert "error: tool-not-installed" in log
    assert "./dev package --offline --tool pdm" in log


def test_what_the_package_holds(offline: Path) -> None:
    """The whole usual list and the two Pythons, one of them the default; every wheel that its tools' pins name."""
    _, usual = read_inventory(CHECKOUT / "inventory.toml")
    default, builds = read_inventory(offline / "inventory.toml")
    archives = sorted(path.name.partition(".")[0] for path in (offline / "interpreters").iterdir())
    assert set(usual) <= set(builds)
    assert sorted(build.sha256 for build in builds if build.sha256 in archives) == archives
    assert {build.minor for build in builds if build.sha256 in archives} == {"3.12", default} == {"3.12", "3.13"}
    wheels = {path.name.partition("-")[0].lower().replace("_", "-") for path in (offline / WHEELS).iterdir()}
    pinned = "".join(tool.pins.read_text(encoding="utf-8") for tool in (PIP, PIPENV))
    assert wheels >= {"pip", "pipenv"}
    assert wheels <= {line.partition("==")[0] for line in pinned.splitlines() if "==" in line}


def test_the_bill_lists_what_is_included(offline: Path) -> None:
    """The Pythons, each once, and all distributions of the tools at their pinned versions."""
    document = json.loads((offline.parent / "bill.json").read_text(encoding="utf-8"))
    listed = {(item["name"].lower().replace("_", "-"), item.get("version")) for item in document["components"]}
    # Besides them, the one that runs the buildpack itself.
    assert {version for name, version in listed if name == "python"} >= {"3.12.1", "3.13.0"}
    lines = "".join(tool.pins.read_text(encoding="utf-8") for tool in (PIP, PIPENV)).splitlines()
    names = {path.name.partition("-")[0].lower().replace("_", "-") for path in (offline / WHEELS).iterdir()}
    pinned = {tuple(line.split()[0].split("==")) for line in lines if "==" in line}
    assert {pin for pin in pinned if pin[0] in names} <= listed


def licenses_of(component: dict[str, Any]) -> set[str]:
    """Return the licences of an item of the bill, those of an expression one by one."""
    stated = (
        one.get("expression") or one["license"].get("id") or one["license"]["name"]
        for one in component.get("licenses", ())
    )
    return {name for text in stated for name in re.split(r" (?:AND|OR) ", text)}


def is_licence(path: str) -> bool:
    """Say whether a path has the name of a licence's text."""
    return path.rpartition("/")[2].upper().startswith(LICENCE_FILES)


def test_what_is_included_has_a_licence_that_allows_it(offline: Path) -> None:
    """A tool's new dependency under a licence that nobody has looked at fails here; so does a Python without one."""
    document = json.loads((offline.parent / "bill.json").read_text(encoding="utf-8"))
    own = [item for item in document["components"] if item["name"] == "python" or "pkg:pypi/" in item["purl"]]
    stated = {f"{item['name']} {item['version']}": licenses_of(item) for item in own}
    assert {name: licenses for name, licenses in stated.items() if not licenses or not licenses <= ALLOWED} == {}


def test_what_is_included_brings_its_licence_texts(offline: Path) -> None:
    """Every wheel has its own, and every interpreter's archive that of Python."""
    for wheel in (offline / WHEELS).iterdir():
        with zipfile.ZipFile(wheel) as archive:
            assert [name for name in archive.namelist() if ".dist-info/" in name and is_licence(name)], wheel.name
    for path in (offline / "interpreters").iterdir():
        with tarfile.open(path) as tar:
            assert any(is_licence(member.name) for member in tar), path.name
