"""What builds a package gets no variable of the app that is not for it; the app's own steps get all."""

import json
from collections.abc import Callable
from pathlib import Path

from built_apps import built, failed, one_line
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app
from python_buildpack.platform.variables import VARIABLES

BACKEND = """
import json, os, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    os.environ["LICENSE_SERVER"]
    info = "Metadata-Version: 2.1\\nName: nosy\\nVersion: 1\\n"
    wheel = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(os.path.join(wheel_directory, "nosy-1-py3-none-any.whl"), "w") as archive:
        archive.writestr("nosy.json", json.dumps(dict(os.environ)))
        archive.writestr("nosy-1.dist-info/METADATA", info)
        archive.writestr("nosy-1.dist-info/WHEEL", wheel)
        archive.writestr("nosy-1.dist-info/RECORD", "nosy.json,,\\nnosy-1.dist-info/METADATA,,\\n")
    return "nosy-1-py3-none-any.whl"
"""
PROJECT = (
    '[project]\nname = "nosy"\nversion = "1"\n'
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
)
HOOK = '#!/bin/sh\nprintf %s "$DATABASE_URL $LICENSE_SERVER" > seen.txt\nenv | grep =bent > bent.txt\n'
ENV = {"DATABASE_URL": "postgres://u:pw@db/x", "LICENSE_SERVER": "licenses.example", "APP_VERSION": "1.2.3"}


BENDING = {
    **{row.name.replace("*", "X"): "bent" for row in VARIABLES if row.treatment in {"left out", "replaced"}},
    **dict.fromkeys(("PYTHONNOUSERSITE", "PYTHONUSERBASE"), "bent"),
}
"""All that would change a build and does not end it; most of the tools would refuse this value."""


def test_a_build_backend_does_not_see_the_apps_secrets(tmp_path: Path, attempt: Callable[..., Built | Failed]) -> None:
    """It asks for a variable and the error says how to get it; with that, it has this one and no other."""
    files = {
        "requirements.txt": "./nosy\n",
        "nosy/pyproject.toml": PROJECT,
        "nosy/backend.py": BACKEND,
        "bin/post_compile": HOOK,
    }
    app = write_app(tmp_path / "app", files)
    (app / "bin" / "post_compile").chmod(0o755)
    log = failed(attempt(app, ENV))
    assert "error: build-variable-missing" in log
    assert "BP_PYTHON_BUILD_ENV=LICENSE_SERVER" in log
    assert "DATABASE_URL" not in log

    second = built(attempt(app, {**BENDING, **ENV, "BP_PYTHON_BUILD_ENV": "LICENSE_SERVER"}))
    assert "warning: Variables have no effect in a build" in one_line(second.log)
    state = tmp_path / "state"
    (seen,) = state.glob("layers/terrarium_python/dependencies/venv/lib/python*/site-packages/nosy.json")
    env = json.loads(seen.read_text(encoding="utf-8"))
    assert env["LICENSE_SERVER"] == "licenses.example"
    assert env["APP_VERSION"] == "1.2.3"
    assert "DATABASE_URL" not in env
    assert {name for name, value in env.items() if value == "bent"} <= {"PYTHONNOUSERSITE", "PYTHONUSERBASE"}
    hook = (state / "workspace" / "bent.txt").read_text(encoding="utf-8").split()
    assert {line.partition("=")[0] for line in hook} <= {"PYTHONNOUSERSITE", "PYTHONUSERBASE"}
    assert (state / "workspace" / "seen.txt").read_text(encoding="utf-8") == "postgres://u:pw@db/x licenses.example"
