"""Which Python runs what a resolution has to build: the app's, in the first build and in every later one."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from built_apps import built, outcomes
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app

pytestmark = pytest.mark.network
Attempt = Callable[..., Built | Failed]

MINOR = "3.12" if sys.version_info[:2] != (3, 12) else "3.13"
SCRIPT = f"""
import sys
from setuptools import setup
if sys.version_info[:2] != tuple(map(int, "{MINOR}".split("."))):
    sys.exit("this setup script is for Python {MINOR}")
setup(name="hello", version="1", py_modules=["hello"], install_requires=["itsdangerous==2.1.2"])
"""


def test_a_setup_script_runs_on_the_apps_python_also_when_that_is_not_on_disk(tmp_path: Path, attempt: Attempt) -> None:
    """It fails on every other Python; a rebuild has only the layer of the first build, and reuses what it resolved.

    A script that fails is reported once, and not as it failed on the buildpack's own Python.
    """
    files = {"setup.py": SCRIPT, "hello.py": "", ".python-version": MINOR, "Procfile": "web: python hello.py\n"}
    app = write_app(tmp_path / "app", files)
    first = built(attempt(app))
    assert "itsdangerous 2.1.2" in first.log
    assert "by reference" not in outcomes(first).values()
    assert set(outcomes(built(attempt(app))).values()) == {"by reference"}
    write_app(app, {"setup.py": SCRIPT.replace("if sys", "if True or sys")})
    result = attempt(app)
    assert isinstance(result, Failed)
    assert result.log.count(f"this setup script is for Python {MINOR}") == 1
