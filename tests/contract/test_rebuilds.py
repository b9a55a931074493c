"""What a rebuild does again, and what it leaves alone: every change of the input against every loss of memory."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from built_apps import built, digests, one_line, open_to_others, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.launch import Container, launch
from devkit.lifecycle.results import Failed
from local_builds import Attempt, BuiltOnce, build_once
from manager_context import write_app
from python_buildpack.layers.python import PythonKey

FILES = {
    "requirements.txt": "itsdangerous==2.1.2\n",
    "main.py": "import importlib.metadata, json, sys\n"
    "names = sorted(d.name for d in importlib.metadata.distributions())\n"
    "print(json.dumps({'python': sys.version_info[:2], 'names': names}))\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app with one small pinned dependency that reports what it runs on."""
    return write_app(tmp_path / "app", FILES)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, mirror: Source) -> BuiltOnce:
    """Return what the first build of the app left."""
    return build_once(tmp_path_factory, mirror, FILES)


@pytest.fixture
def rebuild(tmp_path: Path, first: BuiltOnce) -> Attempt:
    """Return a function that builds the app again."""
    return first.attempt(tmp_path)


ALL_NEW = {"dependencies": "added", "python": "added", "runtime": "added"}
UNTOUCHED = {"dependencies": "by reference", "python": "by reference", "runtime": "by reference"}


def report(tmp_path: Path) -> dict[str, object]:
    """Start the image as a strict platform would, and return what the app printed."""
    open_to_others(tmp_path)
    with launch(tmp_path / "state", container=Container(read_only=True)) as running:
        assert running.wait() == 0, running.log
        answer: dict[str, object] = json.loads(running.log)
        return answer


def test_nothing_changed_touches_nothing(app: Path, attempt: Attempt) -> None:
    """Every layer is reused by reference: its directory is not even there."""
    assert outcomes(built(attempt(app))) == ALL_NEW
    again = built(attempt(app))
    assert outcomes(again) == UNTOUCHED
    assert "Installing" not in again.log


def test_locked_and_hashed_input_needs_no_network_the_second_time(app: Path, attempt: Attempt) -> None:
    """Where every requirement is hashed there is nothing to ask: a rebuild works with a dead index."""
    hashes = (
        "itsdangerous==2.1.2 --hash=sha256:2c2349112351b88699d8d4b6b075022c0808887cb7ad10069318a8b0bc88db44 "
        "--hash=sha256:5dbbc68b317e5e42f327f9021763545dc3fc3bfe22e6deb96aaf1fc38874156a\n"
    )
    (app / "requirements.txt").write_text(hashes, encoding="utf-8")
    assert outcomes(built(attempt(app))) == ALL_NEW
    dead = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}
    assert outcomes(built(attempt(app, dead))) == UNTOUCHED


def test_an_index_that_is_down_keeps_what_was_there(app: Path, rebuild: Attempt) -> None:
    """Unpinned input, unchanged: the previous packages are kept, with a warning."""
    dead = built(rebuild(app, {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}))
    assert outcomes(dead) == UNTOUCHED
    assert "warning: The package index cannot be reached" in one_line(dead.log)


def test_an_index_that_is_down_fails_what_is_new(app: Path, attempt: Attempt) -> None:
    """A first build cannot invent packages: one clear error."""
    result = attempt(app, {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"})
    assert isinstance(result, Failed)
    assert "error: package-index-unreachable" in result.log


def test_one_added_and_one_removed(app: Path, rebuild: Attempt, tmp_path: Path) -> None:
    """The new package is there, the removed one is gone, and the interpreter is left where it was."""
    (app / "requirements.txt").write_text("click==8.1.7\n", encoding="utf-8")
    second = built(rebuild(app))
    assert outcomes(second) == {**UNTOUCHED, "dependencies": "added"}
    assert "Rebuilding, because what the app declares changed" in one_line(second.log)
    assert re.search(r"1 package, \d changed since the previous image:\n    \+ click 8\.1\.7\n    - ", second.log)
    assert report(tmp_path)["names"] == ["click"]


def test_another_python(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Both layers are made again, and the log says from which version to which."""
    built(attempt(app, {"BP_PYTHON_VERSION": "3.12"}))
    second = built(attempt(app, {"BP_PYTHON_VERSION": "3.11"}))
    assert outcomes(second) == ALL_NEW
    assert "the Python version changed from 3.12." in one_line(second.log)
    assert report(tmp_path)["python"] == [3, 11]


def test_an_app_that_names_no_version_keeps_the_one_it_has(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """Taking the declaration away does not move the app to another minor."""
    built(attempt(app, {"BP_PYTHON_VERSION": "3.11"}))
    second = built(attempt(app))
    assert outcomes(second) == UNTOUCHED
    assert report(tmp_path)["python"] == [3, 11]


def test_a_lost_cache_costs_nothing_while_nothing_changes(app: Path, rebuild: Attempt) -> None:
    """The layers are in the image; the cache only makes changes quick."""
    assert outcomes(built(rebuild(app, cache=False))) == UNTOUCHED


def test_a_lost_cache_and_a_changed_dependency(app: Path, rebuild: Attempt, tmp_path: Path) -> None:
    """The interpreter is fetched again to install with, and its layer is still reused."""
    (app / "requirements.txt").write_text("click==8.1.7\n", encoding="utf-8")
    assert outcomes(built(rebuild(app, cache=False))) == {**UNTOUCHED, "dependencies": "added"}
    assert report(tmp_path)["names"] == ["click"]


def test_a_lost_image_is_built_again_equal(app: Path, attempt: Attempt) -> None:
    """Two builds of the same input give the same digests, whatever was remembered."""
    first = digests(built(attempt(app)))
    assert digests(built(attempt(app, previous_image=False, cache=False))) == first


def test_the_app_directory_is_not_changed(app: Path, rebuild: Attempt, tmp_path: Path) -> None:
    """What is exported as the app is what was handed in, byte for byte."""
    before = {path.relative_to(app): path.read_bytes() for path in app.rglob("*") if path.is_file()}
    built(rebuild(app))
    workspace = tmp_path / "state" / "workspace"
    after = {path.relative_to(workspace): path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    assert after == before


def test_every_field_of_the_key_is_labelled() -> None:
    """A reason reads as a sentence: "the Python version changed from … to …"."""
    assert all(field.metadata["label"].startswith("the ") for field in fields(PythonKey))
