"""The library as a distribution of its own: built, installed without the buildpack, and used by another buildpack."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from built_apps import built, failed, outcomes
from devkit.lifecycle import Request, build, launch
from devkit.packaging.library import build_library
from devkit.paths import CHECKOUT
from devkit.version import own_version
from manager_context import write_app

SAMPLE = CHECKOUT / "library" / "sample"
UV = CHECKOUT / ".venv" / "bin" / "uv"
COMMAND = """import os; print("all", os.environ.get("LOG_LEVEL"), flush=True)"""


@pytest.mark.network
def test_a_buildpack_runs_on_the_installed_library(tmp_path: Path) -> None:
    """The wheel has the version of the buildpack, the types and the licence, and needs no other."""
    wheel = build_library(tmp_path / "dist")
    assert wheel.name == f"terrarium_cnb-{own_version()}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert {"cnb/__init__.py", "cnb/py.typed", "cnb/LICENSE"} <= set(names)
    assert {name.partition("/")[0] for name in names} == {"cnb", f"terrarium_cnb-{own_version()}.dist-info"}

    venv = tmp_path / "venv"
    subprocess.run([UV, "venv", "--quiet", venv], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", venv, wheel], check=True)
    app = write_app(tmp_path / "app", {"variables.toml": '[all]\nLOG_LEVEL = "info"\n[web]\nPORT = "80"\n'})
    env = {"PATH": f"{venv / 'bin'}:{os.defpath}"}
    request = Request((SAMPLE,), app, tmp_path / "state", lifecycle_env=env)
    assert "2 variables (new)" in built(build(request)).log
    with launch(tmp_path / "state", command=("python3", "-c", COMMAND)) as running:
        assert running.wait() == 0
        assert "all info" in running.log
    assert outcomes(built(build(request))) == {"variables": "by reference"}

    write_app(app, {"variables.toml": "[all]\nLOG_LEVEL = 3\n"})
    assert "error: all in variables.toml is no table of strings." in failed(build(request))
