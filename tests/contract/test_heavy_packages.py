"""Heavy packages that people use, from the real index, in layers of their own: they work, and apps share them.

The made-up wheels of test_split_content have each shape by itself; these have them as they come: libraries beside the
package (numpy.libs), packages that look for their files beside themselves (OpenCV, PyQt5's plugins), C that finds C of
another distribution (numba and llvmlite, pyarrow's libraries), and several distributions in one namespace (google).
"""

import json
from collections.abc import Callable
from pathlib import Path

from built_apps import built, digests, outcomes
from devkit.interpreters import Source
from devkit.lifecycle.build import build
from devkit.lifecycle.launch import launch
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed
from devkit.paths import CHECKOUT

Attempt = Callable[..., Built | Failed]

REQUIREMENTS = """\
numpy==2.3.5
scipy==1.16.3
pyarrow==22.0.0
opencv-python-headless==4.13.0.92
PyQt5==5.15.11
numba==0.64.0
google-cloud-storage==3.12.1
google-cloud-pubsub==2.38.0
"""
MAIN = """
import importlib.metadata, importlib.resources, json, os
import cv2, numba, numpy, pyarrow, pyarrow.parquet, scipy.linalg, scipy.sparse
import google.cloud.pubsub, google.cloud.storage, google.protobuf
from PyQt5 import QtCore

os.environ["NUMBA_CACHE_DIR"] = "/tmp"

@numba.njit
def add(a, b):
    return a + b

image = numpy.zeros((8, 8, 3), numpy.uint8)
table = pyarrow.table({"a": [1, 2]})
pyarrow.parquet.write_table(table, "/tmp/a.parquet")
print(json.dumps({
    "numba": add(2, 3),
    "cv2": cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).shape[0],
    "cv2 data": os.path.exists(os.path.join(cv2.data.haarcascades, "haarcascade_frontalface_default.xml")),
    "pyarrow": pyarrow.parquet.read_table("/tmp/a.parquet").num_rows,
    "pyarrow headers": os.path.isdir(pyarrow.get_include()),
    "scipy": float(scipy.linalg.det(numpy.eye(3) * 2)),
    "Qt": QtCore.QLibraryInfo.location(QtCore.QLibraryInfo.PluginsPath).endswith("plugins"),
    "Qt plugins": os.path.isdir(QtCore.QLibraryInfo.location(QtCore.QLibraryInfo.PluginsPath)),
    "storage": google.cloud.storage.__version__ == importlib.metadata.version("google-cloud-storage"),
    "files": all(path.locate().exists() for path in importlib.metadata.files("scipy") if path.suffix != ".pyc"),
    "resources": importlib.resources.files("numpy").joinpath("__init__.py").is_file(),
}))
"""
ANSWERS = {
    "numba": 5,
    "cv2": 8,
    "cv2 data": True,
    "pyarrow": 2,
    "pyarrow headers": True,
    "scipy": 8.0,
    "Qt": True,
    "Qt plugins": True,
    "storage": True,
    "files": True,
    "resources": True,
}
HEAVY = {"numpy", "scipy", "pyarrow", "opencv-python-headless", "pyqt5", "llvmlite", "numba"}
PYTHON = {"BP_PYTHON_VERSION": "3.13"}


def write_app(folder: Path, requirements: str, main: str) -> Path:
    """Write an app that prints something once."""
    folder.mkdir()
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    (folder / "main.py").write_text(main, encoding="utf-8")
    return folder


def in_layers(digest_by_layer: dict[str, str]) -> set[str]:
    """Return the layers of heavy packages."""
    return {name for name in digest_by_layer if name.startswith("package-")}


def test_they_work_and_other_apps_share_them(attempt: Attempt, mirror: Source, tmp_path: Path) -> None:
    """One small package changed: not one of them is on disk. Another app with the same: the same digests."""
    app = write_app(tmp_path / "app", REQUIREMENTS, MAIN)
    first = built(attempt(app, PYTHON))
    layers = in_layers(digests(first))
    named = " ".join(layers)
    assert [name for name in HEAVY if name not in named] == [], named
    with launch(tmp_path / "state") as running:
        assert running.process.wait(120) == 0, running.log
        assert json.loads(running.log.strip().rpartition("\n")[2]) == ANSWERS

    (app / "requirements.txt").write_text(f"{REQUIREMENTS}itsdangerous==2.2.0\n", encoding="utf-8")
    second = built(attempt(app, PYTHON))
    assert {outcomes(second)[name] for name in layers} == {"by reference"}

    other = write_app(tmp_path / "other", "scipy==1.16.3\nnumpy==2.3.5\nclick\n", "import scipy, click\n")
    env = {"BP_PYTHON_INVENTORY": str(mirror.inventory), **PYTHON}
    shared = digests(built(build(Request((CHECKOUT,), other, tmp_path / "other-state", env=env))))
    assert in_layers(shared)
    assert {name: shared[name] for name in in_layers(shared)}.items() <= digests(first).items()
