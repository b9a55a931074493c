"""Bills of materials and labels of real builds: what the image has is what they say, and it stays with the layers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bills import bills, check_bills, components
from built_apps import built
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.paths import CHECKOUT
from private_network import Account, running_index, write_git_repository

Attempt = Callable[..., Built | Failed]


def make_app(folder: Path) -> Path:
    """Write an app with a few real packages."""
    folder.mkdir()
    (folder / "requirements.txt").write_text("jinja2==3.1.4\nitsdangerous==2.1.2\n", encoding="utf-8")
    (folder / "main.py").write_text("print(1)\n", encoding="utf-8")
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


@pytest.mark.network
@pytest.mark.parametrize("name", sorted(path.name for path in (CHECKOUT / "samples").iterdir()))
def test_the_bills_of_a_sample_list_what_it_has(name: str, attempt: Attempt, tmp_path: Path) -> None:
    """All distributions that the running app finds, the interpreter and its libraries; nothing else, nothing twice."""
    built(attempt(CHECKOUT / "samples" / name))
    check_bills(tmp_path / "state")


def test_the_bills_say_what_needs_what(image: Path) -> None:
    """The graph of the installed packages hangs on the layer."""
    document = json.loads(bills(image / "state")["dependencies/sbom.cdx.json"])
    edges = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
    markupsafe = components(image / "state", "dependencies")["MarkupSafe"]["purl"]
    assert edges["pkg:pypi/jinja2@3.1.4"] == [markupsafe]
    assert edges["layer:dependencies"] == ["pkg:pypi/itsdangerous@2.1.2", "pkg:pypi/jinja2@3.1.4"]


def test_the_bills_of_a_small_app(image: Path) -> None:
    """As for the samples, with an app whose packages are known by heart."""
    check_bills(image / "state")
    licenses = {name: part["licenses"] for name, part in components(image / "state", "dependencies").items()}
    names = {"Jinja2", "MarkupSafe", "itsdangerous"}
    assert {name.lower() for name in licenses} == {name.lower() for name in names}
    python = components(image / "state", "python")["python"]
    assert [found["alg"] for found in python["hashes"]] == ["SHA-256"]


def test_the_bills_stay_with_layers_that_are_reused(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """A rebuild keeps them byte for byte, with its layers or, after a change, beside a new one."""
    built(attempt(app))
    first = bills(tmp_path / "state")
    again = built(attempt(app))
    assert "Installing" not in again.log
    assert bills(tmp_path / "state") == first
    (app / "requirements.txt").write_text("itsdangerous==2.1.2\n", encoding="utf-8")
    built(attempt(app))
    assert components(tmp_path / "state", "dependencies").keys() == {"itsdangerous"}
    assert bills(tmp_path / "state")["python/sbom.spdx.json"] == first["python/sbom.spdx.json"]


def test_two_builds_give_equal_bills(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Neither time nor chance is in them."""
    built(attempt(app))
    first = bills(tmp_path / "state")
    built(attempt(app, previous_image=False, cache=False))
    assert bills(tmp_path / "state") == first


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve a private git repository with a package; return its address without scheme, and the commit."""
    commit = write_git_repository(tmp_path / "tiny", tmp_path / "served" / "tiny.git", "tiny")
    with running_index(tmp_path / "served", Account("ci", "t0psecret")) as index:
        yield f"127.0.0.1:{index.port}/tiny.git", commit


def test_an_origin_is_told_without_its_credentials(
    app: Path, attempt: Attempt, tmp_path: Path, repository: tuple[str, str]
) -> None:
    """A package from a private repository: its address and commit are in both bills, the token in none."""
    address, commit = repository
    line = f"tiny @ git+http://ci:t0psecret@{address}\n"
    (app / "requirements.txt").write_text(line, encoding="utf-8")
    built(attempt(app))
    tiny = components(tmp_path / "state", "dependencies")["tiny"]
    assert tiny["externalReferences"] == [{"comment": f"commit {commit}", "type": "vcs", "url": f"http://{address}"}]
    spdx = json.loads(bills(tmp_path / "state")["dependencies/sbom.spdx.json"])
    assert spdx["packages"][0]["downloadLocation"] == f"git+http://{address}@{commit}"
    assert not [name for name, content in bills(tmp_path / "state").items() if b"t0psecret" in content]


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
