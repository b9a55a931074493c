"""BP_PYTHON_SLIM in whole builds, with real wheels: what is gone is not missed, and it can be had back."""

import csv
import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from built_apps import built, digests, one_line, open_to_others
from devkit.free_port import find_free_port
from devkit.lifecycle.launch import launch
from devkit.lifecycle.results import Built, Failed

Attempt = Callable[..., Built | Failed]

MAIN = """
import http.server, importlib.metadata, os
import greenlet, numpy
from markupsafe import escape

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = sorted(one.name for one in importlib.metadata.distributions())
        text = f"{numpy.linalg.norm([3, 4])} {escape('<')} {numpy.random.default_rng(1).integers(9)} {names}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

http.server.HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""
REQUIREMENTS = "numpy==2.3.5\nmarkupsafe==3.0.3\ngreenlet==3.2.4\n"
SLIM = {"BP_PYTHON_SLIM": "true", "BP_PYTHON_VERSION": "3.13"}
WHOLE = {"BP_PYTHON_SLIM": "false", "BP_PYTHON_VERSION": "3.13"}
USUAL = {"BP_PYTHON_VERSION": "3.13"}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app with a heavy package and a small one, both of which have more than a running app needs."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    (folder / "Procfile").write_text("web: python main.py\n", encoding="utf-8")
    (folder / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    return folder


def answer(tmp_path: Path) -> str:
    """Start the image, and return what it says."""
    open_to_others(tmp_path)
    port = find_free_port()
    with launch(tmp_path / "state", env={"PORT": str(port)}) as running:
        return running.wait_for_http(port).body.decode()


def files(tmp_path: Path) -> Iterator[str]:
    """Yield what the image has in the layers of the packages."""
    for layer in (tmp_path / "state/layers").glob("*/*"):
        if layer.name == "dependencies" or layer.name.startswith("package-"):
            yield from (str(path.relative_to(layer)) for path in layer.rglob("*") if path.is_file())


def libraries(tmp_path: Path) -> dict[str, Path]:
    """Return the shared libraries of the packages, by their paths below site-packages."""
    found = (tmp_path / "state/layers").glob("*/*/**/site-packages/**/*.so*")
    return {str(path).rpartition("/site-packages/")[2]: path for path in found if not path.is_symlink()}


def test_libraries_have_no_symbols(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """By default: the app answers as before from smaller libraries, and the lists of files know their new content."""
    whole = built(attempt(app, WHOLE))
    said, names = answer(tmp_path), set(files(tmp_path))
    sizes = {name: path.stat().st_size for name, path in libraries(tmp_path).items()}
    assert "Left out" not in whole.log

    usual = built(attempt(app, USUAL))
    assert re.search(r"Left out of the packages: \d+\.\d MB in \d+ files \(symbols \d+\.\d MB\)", usual.log)
    assert answer(tmp_path) == said
    assert set(files(tmp_path)) == names
    found = libraries(tmp_path)
    smaller = {name for name, path in found.items() if path.stat().st_size < sizes[name]}
    assert {"numpy.libs", "numpy", "greenlet"} <= {name.partition("/")[0] for name in smaller}
    listed = dict(recorded(tmp_path))
    assert found.keys() <= listed.keys()
    for name, path in found.items():
        digest = urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
        assert listed[name] == (f"sha256={digest}", str(path.stat().st_size)), name
    assert digests(usual)["python"] == digests(whole)["python"]
    assert built(attempt(app, USUAL)).app.digest == usual.app.digest


def recorded(tmp_path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what the distributions list: paths with digests and sizes."""
    for record in (tmp_path / "state/layers").glob("*/dependencies/venv/lib/*/site-packages/*.dist-info/RECORD"):
        for path, digest, size in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            yield path, (digest, size)


def test_what_a_running_app_does_not_need_is_gone(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """The app answers as before, from less; switched on and off, only the packages are made anew, and equal."""
    whole = built(attempt(app, WHOLE))
    before, said = set(files(tmp_path)), answer(tmp_path)
    assert said.startswith("5.0 &lt; ")

    slim = built(attempt(app, SLIM))
    after = set(files(tmp_path))
    assert "Left out of the packages: " in one_line(slim.log)
    assert "the slimming of packages" in one_line(slim.log)
    assert answer(tmp_path) == said
    gone = before - after
    assert not after - before
    assert {Path(path).suffix for path in gone} >= {".pyi", ".pxd", ".h", ".py"}
    assert not [path for path in after if path.endswith((".pyi", ".pxd", ".h"))]
    assert [path for path in gone if "/greenlet/tests/" in path]
    assert digests(slim)["python"] == digests(whole)["python"]

    again = built(attempt(app, SLIM))
    assert "Left out" not in again.log
    assert again.app.digest == slim.app.digest
    back = built(attempt(app, WHOLE))
    assert digests(back) == digests(whole)
    assert set(files(tmp_path)) == before
