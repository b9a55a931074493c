"""What a build writes into a project beside the app, in what was uploaded."""

from collections.abc import Callable
from pathlib import Path

from built_apps import built, outcomes
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app

Attempt = Callable[..., Built | Failed]

BACKEND = """
import os, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("shared/_version.py", "w") as file:
        file.write("version = 'generated'\\n")
    name, info = "shared-1.0-py3-none-any.whl", "shared-1.0.dist-info"
    files = {
        "shared/__init__.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: shared\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "shared"
version = "1.0"
"""
FILES = {
    "backend/requirements.txt": "../shared\n",
    "backend/main.py": "print('here')\n",
    "shared/pyproject.toml": PYPROJECT,
    "shared/backend.py": BACKEND,
    "shared/shared/__init__.py": "",
}


def test_every_image_has_what_the_build_of_a_project_beside_the_app_generates(tmp_path: Path, attempt: Attempt) -> None:
    """Also one whose packages are reused, so that equal uploads give equal images."""
    app = write_app(tmp_path / "app", FILES)
    first = built(attempt(app, {"BP_PYTHON_SUBDIRECTORY": "backend"}))
    made = tmp_path / "state" / "workspace" / "shared" / "shared" / "_version.py"
    assert made.read_text(encoding="utf-8") == "version = 'generated'\n"
    again = built(attempt(app, {"BP_PYTHON_SUBDIRECTORY": "backend"}))
    assert outcomes(again)["dependencies"] == "by reference"
    assert made.exists()
    assert again.app.digest == first.app.digest
