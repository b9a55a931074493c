"""Heavy packages work from layers of their own, and a build step that runs the app's code finds them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from built_apps import built, digests, one_line, open_to_others, outcomes
from devkit.lifecycle.launch import Container, launch
from devkit.lifecycle.results import Built, Failed
from wheel_index import HEAVY_BYTES, Wheel, WheelIndex, filler, heavy, light, serve_wheels

Attempt = Callable[..., Built | Failed]

MAIN = """
import importlib.metadata, importlib.resources, json, os, subprocess
import huge, huge.part, huge_single, plain, space.one, space.two
print(json.dumps({
    "version": importlib.metadata.version("huge"),
    "data": len(importlib.resources.files("huge").joinpath("data.bin").read_bytes()),
    "beside": sorted(os.listdir(os.path.dirname(os.path.realpath(huge.__file__)))),
    "script": subprocess.run(["huge"], capture_output=True, text=True).stdout.split()[0],
    "files": all(path.locate().exists() for path in importlib.metadata.files("huge") if path.suffix != ".pyc"),
    "compiled": os.path.exists(huge.__cached__) and os.path.exists(huge_single.__cached__),
    "links": sorted(name for name in os.listdir(os.path.dirname(plain.__path__[0]))
                    if os.path.islink(os.path.join(os.path.dirname(plain.__path__[0]), name))),
    "where": huge.__file__.count("dependencies"),
    "inside": huge.main.__code__.co_filename == huge.__file__,
}))
"""
HOOK = """#!/usr/bin/env python
import huge, small
print("hook sees", huge.version, small.version, len(open(huge.__path__[0] + "/data.bin", "rb").read()))
"""
CHANGING = (
    HOOK
    + """open(huge.__path__[0] + "/added.py", "w").write("added = True")
"""
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    """Return an index with heavy packages of all shapes."""
    with serve_wheels(tmp_path / "index") as index:
        half = HEAVY_BYTES // 2
        index.add(
            heavy("huge", "1.0"),
            light("small", "1.0"),
            light("small", "2.0"),
            Wheel("space-one", "1.0", {"space/one/__init__.py": "", "space/one/x": filler("1", half)}),
            Wheel("space-two", "1.0", {"space/two/__init__.py": "", "space/two/x": filler("2", half)}),
            Wheel("plain", "1.0", {"plain/__init__.py": "", "plain/x": filler("3"), "plain.pth": "plain\n"}),
        )
        yield index


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app with one heavy package."""
    folder = tmp_path / "app"
    (folder / "bin").mkdir(parents=True)
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    (folder / "requirements.txt").write_text("huge\nsmall==1.0\n", encoding="utf-8")
    return folder


def printed(tmp_path: Path) -> dict[str, object]:
    """Start the image, and return what the app printed."""
    open_to_others(tmp_path)
    with launch(tmp_path / "state", container=Container(read_only=True)) as running:
        assert running.wait() == 0, running.log
        answer: dict[str, object] = json.loads(running.log)
        return answer


def test_everything_that_finds_packages_finds_them(
    app: Path, index: WheelIndex, attempt: Attempt, tmp_path: Path
) -> None:
    """Imports, metadata, resources, real paths, scripts, bytecode, namespace packages; owners of .pth files stay."""
    (app / "requirements.txt").write_text("huge\nspace-one\nspace-two\nplain\n", encoding="utf-8")
    result = built(attempt(app, {"UV_DEFAULT_INDEX": index.url}))
    packages = {name for name in outcomes(result) if name.startswith("package-")}
    assert packages == {"package-huge", "package-space-one"}
    assert printed(tmp_path) == {
        "version": "1.0",
        "data": HEAVY_BYTES,
        "beside": ["__init__.py", "__pycache__", "data.bin", "part"],
        "script": "1.0",
        "files": True,
        "compiled": True,
        "links": ["huge", "space"],
        "where": 1,
        "inside": True,
    }


def test_a_step_that_runs_code_finds_heavy_packages(app: Path, index: WheelIndex, attempt: Attempt) -> None:
    """From the cache, if they are in the previous image; without one, by installing again. No layer changes."""
    env = {"UV_DEFAULT_INDEX": index.url}
    (app / "bin" / "post_compile").write_text(HOOK, encoding="utf-8")
    first = built(attempt(app, env))
    assert f"hook sees 1.0 1.0 {HEAVY_BYTES}" in one_line(first.log)
    (app / "requirements.txt").write_text("huge\nsmall==2.0\n", encoding="utf-8")
    index.downloads.clear()
    second = built(attempt(app, env))
    assert f"hook sees 1.0 2.0 {HEAVY_BYTES}" in one_line(second.log)
    assert index.downloads == ["small-2.0-py3-none-any.whl"]
    assert outcomes(second)["package-huge"] == "by reference"
    third = built(attempt(app, env, cache=False))
    assert f"hook sees 1.0 2.0 {HEAVY_BYTES}" in one_line(third.log)
    kept = digests(second)
    assert digests(third) == kept
    fourth = built(attempt(app, env))
    assert f"hook sees 1.0 2.0 {HEAVY_BYTES}" in one_line(fourth.log)
    assert set(outcomes(fourth).values()) == {"by reference"}


def test_what_a_hook_does_to_a_heavy_package_is_kept(app: Path, index: WheelIndex, attempt: Attempt) -> None:
    """Such an environment is in one layer again, for the package is not what its layer would be known by."""
    env = {"UV_DEFAULT_INDEX": index.url}
    (app / "bin" / "post_compile").write_text(CHANGING, encoding="utf-8")
    for result in (built(attempt(app, env)), built(attempt(app, env))):
        assert "bin/post_compile changed the virtual environment" in one_line(result.log)
        assert "package-huge" not in outcomes(result)
        (size,) = (layer.size for layer in result.layers if layer.name == "dependencies" and layer.types.launch)
        assert size > HEAVY_BYTES
