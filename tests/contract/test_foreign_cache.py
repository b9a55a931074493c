"""A cache and a previous image of something else: never a wrong image, never a failed build, at worst a slower one."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from built_apps import built, digests
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from wheel_index import WheelIndex, heavy, light, serve_wheels

Attempt = Callable[..., Built | Failed]
MAIN = "import sys, stone, feather\nprint(sys.version_info[:2], stone.version, feather.version)\n"
SIZE_OF_A_RECORD = 0.01
"""What caches of equal content may differ by: the records in them are of different length."""

RECORDS: dict[str, object] = {
    "none": {},
    "another buildpack's": {"python_version": "3.13.0", "requirements_checksum": "abc", "stack": "heroku-24"},
    "another version's": {"key": {"version": "3.13.0", "format": 7, "nested": {"a": [1]}}, "content": {"x": 1}},
    "of the wrong kind": {"key": "3.13.0", "content": ["x"]},
}


def said(state: Path) -> str:
    """Start the image, and return what it prints."""
    with launch(state) as running:
        assert running.wait() == 0, running.log
        return running.log.strip()


def cached_bytes(state: Path) -> int:
    """Return the size of the cache."""
    return sum(path.stat().st_size for path in (state / "cache").iterdir())


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Serve a heavy package and a light one, in two versions, and one more."""
    with serve_wheels(tmp_path / "index") as index:
        index.add(*(kind(name, version) for kind, name in ((heavy, "stone"), (light, "feather")) for version in "12"))
        index.add(heavy("boulder", "1"))
        yield index


def write(folder: Path, python: str, requirements: str) -> Path:
    """Return an app."""
    files = {".python-version": python, "requirements.txt": requirements, "main.py": MAIN}
    shutil.rmtree(folder, ignore_errors=True)
    return write_app(folder, files)


@pytest.mark.parametrize("kept", [{}, {"cache": False}, {"previous_image": False}], ids=["both", "image", "cache"])
def test_what_another_app_left(kept: dict[str, bool], tmp_path: Path, attempt: Attempt, index: WheelIndex) -> None:
    """Another Python and other packages, some in common: digest for digest as on a new platform; the cache, too."""
    env, state = {"PIP_INDEX_URL": index.url}, tmp_path / "state"
    other = write(tmp_path / "other", "3.13", "stone==1\nfeather==1\nboulder==1\n")
    app = write(tmp_path / "app", "3.12", "stone==1\nfeather==2\n")
    built(attempt(other, env))
    mixed = built(attempt(app, env, **kept))
    assert said(state) == "(3, 12) 1 2"
    size = cached_bytes(state)
    shutil.rmtree(state)
    assert digests(mixed) == digests(built(attempt(app, env)))
    assert abs(size - cached_bytes(state)) <= SIZE_OF_A_RECORD * size


def test_layers_with_the_records_of_somebody_else(tmp_path: Path, attempt: Attempt, index: WheelIndex) -> None:
    """Layers of our names, but not of our making: they are made again, as they were."""
    env, file = {"PIP_INDEX_URL": index.url}, tmp_path / "state" / "record.json"
    app = write(tmp_path / "app", "3.13", "stone==1\nfeather==1\n")
    first = built(attempt(app, env))
    for whose, record in RECORDS.items():
        document = json.loads(file.read_text(encoding="utf-8"))
        replace_metadata(document, record)
        file.write_text(json.dumps(document), encoding="utf-8")
        again = built(attempt(app, env))
        assert "Reused (nothing changed)" not in again.log, whose
        assert digests(again) == digests(first), whose
    assert said(tmp_path / "state") == "(3, 13) 1 1"


def replace_metadata(value: object, record: object) -> None:
    """Give every layer in the platform's memory another record."""
    if isinstance(value, dict) and {"metadata", "types"} <= value.keys():
        value["metadata"] = record
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        replace_metadata(inner, record)


def test_what_is_not_used_leaves_the_cache(tmp_path: Path, attempt: Attempt, index: WheelIndex) -> None:
    """After packages and Pythons have come and gone, the cache has the size that a first build gives it."""
    env, state = {"PIP_INDEX_URL": index.url}, tmp_path / "state"
    last = ("3.13", "stone==2\nfeather==2\n")
    for python, requirements in (
        ("3.13", "stone==1\nfeather==1\nboulder==1\n"),
        ("3.13", "stone==2\nfeather==1\n"),
        ("3.12", "stone==2\nboulder==1\nfeather==1\n"),
        last,
    ):
        built(attempt(write(tmp_path / "app", python, requirements), env))
    size = cached_bytes(state)
    shutil.rmtree(state)
    built(attempt(write(tmp_path / "app", *last), env))
    assert abs(size - cached_bytes(state)) <= SIZE_OF_A_RECORD * size
