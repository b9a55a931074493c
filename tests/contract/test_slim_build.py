"""BP_PYTHON_SLIM in whole builds, with real wheels: what is gone is not missed, and it can be had back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from built_apps import built, digests, open_to_others
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
WHOLE = {"BP_PYTHON_VERSION": "3.13"}


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


def test_what_a_running_app_does_not_need_is_gone(app: Path, attempt: Attempt, tmp_path: Path) -> None:
    """The app answers as before, from less; switched on and off, only the packages are made anew, and equal."""
    whole = built(attempt(app, WHOLE))
    before, said = set(files(tmp_path)), answer(tmp_path)
    assert said.startswith("5.0 &lt; ")

    slim = built(attempt(app, SLIM))
    after = set(files(tmp_path))
    assert "Taken out by BP_PYTHON_SLIM: " in slim.log
    assert "the slimming of packages" in slim.log
    assert answer(tmp_path) == said
    gone = before - after
    assert not after - before
    assert {Path(path).suffix for path in gone} >= {".pyi", ".pxd", ".h", ".py"}
    assert not [path for path in after if path.endswith((".pyi", ".pxd", ".h"))]
    assert [path for path in gone if "/greenlet/tests/" in path]
    assert digests(slim)["python"] == digests(whole)["python"]

    again = built(attempt(app, SLIM))
    assert "Taken out" not in again.log
    assert again.app.digest == slim.app.digest
    back = built(attempt(app, WHOLE))
    assert digests(back) == digests(whole)
    assert set(files(tmp_path)) == before
