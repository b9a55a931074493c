"""Imports that nobody provides and that a process reaches when it starts."""

from pathlib import Path

import pytest

from cnb.frozen import replace
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.startup.notices import with_what_lacks
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings

APP = "from flask import Flask\napp = Flask(__name__)\n"
DISTRIBUTIONS = frozenset({"flask", "gunicorn", "celery", "django", "uvicorn", "fastapi", "uwsgi"})
MODULES = frozenset(
    {"flask", "gunicorn", "celery", "django", "uvicorn", "fastapi", "google.protobuf", "google.cloud.storage"}
)


def notices(
    folder: Path, files: dict[str, str], minor: str = "3.13", variables: dict[str, str] | None = None
) -> list[Notice]:
    """Return what is said of an app with Flask, gunicorn and a few others installed."""
    installed = replace(InstalledDistributions.declared(DISTRIBUTIONS), modules=MODULES)
    evidence = read_evidence(scan(write_app(folder, files)), installed, Settings(variables or {}))
    plan = replace(decide_plan(evidence), notices=())
    return list(with_what_lacks(plan, evidence, minor, "requirements.txt").notices)


def titles(
    folder: Path, files: dict[str, str], minor: str = "3.13", variables: dict[str, str] | None = None
) -> list[str]:
    """Return the titles of what is said."""
    return [notice.title for notice in notices(folder, files, minor, variables)]


def test_file_line_way_and_distribution_are_named(tmp_path: Path) -> None:
    """The reader needs to look for nothing: where it is, how the process gets there, and what to write where."""
    files = {
        "app.py": f"import shop.pictures\n{APP}",
        "shop/__init__.py": "",
        "shop/pictures.py": '"""Pictures."""\n\nimport numbers\nimport cv2 as cv\n',
    }
    (notice,) = notices(tmp_path, files)
    assert notice.title == "shop/pictures.py imports cv2, which is not there"
    assert notice.text == (
        "shop/pictures.py, line 4: import cv2 as cv\n"
        "No installed package has cv2, and neither has the app. The process web imports it when it starts "
        "(app.py → shop/pictures.py), and ends there. To fix it, add opencv-python-headless to requirements.txt."
    )


@pytest.mark.parametrize(
    ("module", "cure"),
    [
        ("yaml", "add PyYAML to requirements.txt"),
        ("PIL.Image", "add pillow to requirements.txt"),
        ("dotenv", "add python-dotenv to requirements.txt"),
        ("bs4", "add beautifulsoup4 to requirements.txt"),
        ("sklearn.svm", "add scikit-learn to requirements.txt"),
        ("google.oauth2.credentials", "add google-auth to requirements.txt"),
        ("google.cloud.bigquery", "(perhaps google-cloud-bigquery)"),
        ("flask_cors", "(perhaps flask-cors)"),
        ("Flask", "write flask: upper and lower case are different here"),
        ("tomllib", "ask for Python 3.11 or newer in .python-version"),
    ],
)
def test_the_cure_fits_the_module(tmp_path: Path, module: str, cure: str) -> None:
    """By the table, by the module's own name, by the case of its letters, or by the version of Python."""
    (notice,) = notices(tmp_path, {"app.py": f"import {module}\n{APP}"}, "3.10")
    assert notice.text.rstrip(".").endswith(cure) or cure in notice.text


def test_a_name_of_a_namespace_package_is_a_module(tmp_path: Path) -> None:
    """google.cloud has no names of its own, so what it lacks is certain; what is installed of it is not missed."""
    source = (
        f"from google.cloud import storage, bigquery\nfrom google import protobuf\nimport google.cloud.storage\n{APP}"
    )
    assert titles(tmp_path, {"app.py": source}) == ["app.py imports google.cloud.bigquery, which is not there"]


@pytest.mark.parametrize(
    ("source", "others"),
    [
        ("try:\n    import cv2\nexcept ImportError:\n    cv2 = None\n", {}),
        ("def work():\n    import cv2\n", {}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import cv2\n", {}),
        ("import sys\nif sys.platform == 'win32':\n    import win32api\n", {}),
        ("class Late:\n    import cv2\n", {}),
        ('"""Use it so:\nimport cv2\n"""\n', {}),
        ("import json, tomllib, zoneinfo\nimport concurrent.futures\n", {}),
        ("import flask.views\nfrom flask import anything\n", {}),
        ("import helpers\n", {"src/helpers.py": ""}),
        ("import sys\nsys.path.append('lib')\nimport helpers\n", {"lib/helpers.py": ""}),
        ("import helpers\n", {"helpers/deep/tool.py": ""}),
        ("import helpers\n", {"packages/one/src/helpers/__init__.py": ""}),
        ("import _fast\n", {"_fast.cpython-313-x86_64-linux-gnu.so": ""}),
        ("import _fast\n", {"native/_fast.pyx": ""}),
        ("import helpers\n", {"helpers/template.txt": ""}),
        ("import sys\nsys.path.insert(0, '/opt/tools')\nimport helpers\n", {}),
        ("import site\nsite.addsitedir('x')\nimport helpers\n", {}),
        ("import sys, flask\nsys.modules['helpers'] = flask\nimport helpers\n", {}),
        ("import flask\nflask.install_as_MySQLdb()\nimport MySQLdb\n", {}),
        ("import helpers\n", {".profile": "export PYTHONPATH=/opt/tools\n"}),
        ("import os, sys\nsys.path.append(os.environ['TOOLS'])\nimport helpers\n", {}),
        ("import sys\nPLACE = '/opt/tools'\nsys.path.append(PLACE)\nimport helpers\n", {}),
        ("import sys\nsys.path.insert(0, 'lib/helpers.zip')\nimport helpers\n", {}),
        ("import __main__\n", {}),
        ("import helpers\n", {"Procfile": "web: export PYTHONPATH=lib:/opt/tools; gunicorn app:app\n"}),
        ("import helpers\n", {"Procfile": "web: gunicorn --pythonpath /opt/tools app:app\n"}),
        ("import helpers\n", {"Procfile": "web: pip install helpers && gunicorn app:app\n"}),
        ("import helpers\n", {"gunicorn.conf.py": "pythonpath = '/opt/tools'\n"}),
        ("import helpers\n", {"sitecustomize.py": "import sys\nsys.path.append('/opt/tools')\n"}),
        ("import logging\n", {"tools/logging.py": "import helpers\n"}),
        ("import celery\n", {"tools/celery.py": "import helpers\n"}),
        ("from . import helpers\n", {}),
        ("import uwsgi\n", {}),
        ("import cgi, pkg_resources\n", {}),
    ],
)
def test_what_may_be_there_or_may_not_run_is_not_reported(tmp_path: Path, source: str, others: dict[str, str]) -> None:
    """Conditional and lazy imports, all layouts of sources, compiled and generated modules, other places of modules."""
    assert titles(tmp_path, {"app.py": f"{source}{APP}", **others}) == []


@pytest.mark.parametrize("value", ["/opt/tools", "lib:/opt/tools"])
def test_a_path_given_by_the_build_is_followed_as_far_as_the_app(tmp_path: Path, value: str) -> None:
    """What is outside of the app was not read, so nothing is said."""
    files = {"app.py": f"import helpers\n{APP}"}
    assert titles(tmp_path, files, variables={"PYTHONPATH": value}) == []
    assert titles(tmp_path, files, variables={"PYTHONPATH": "lib"}) == ["app.py imports helpers, which is not there"]


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": "web: gunicorn --chdir backend main:app\n", "backend/main.py": f"import cv2\n{APP}"},
        {"Procfile": "web: cd backend && gunicorn main:app\n", "backend/main.py": f"import part\n{APP}",
         "backend/part.py": "import cv2\n"},
        {"Procfile": "web: python backend/main.py\n", "backend/main.py": "import part\n",
         "backend/part.py": "import cv2\n"},
        {"Procfile": "web: python -m backend\n", "backend/__init__.py": "", "backend/__main__.py": "import cv2\n"},
        {"Procfile": "worker: celery -A backend worker\n", "backend/__init__.py": "",
         "backend/celery.py": "import cv2\n"},
        {"Procfile": "web: python -c 'from backend import run; run()'\n", "backend.py": "import cv2\n"},
        {"main.py": "import cv2\nprint(cv2)\n"},
        {"src/shop/__init__.py": "", "src/shop/main.py": f"from .part import x\n{APP}",
         "src/shop/part.py": "import cv2\n"},
    ],
)  # fmt: skip
def test_every_way_to_start_is_followed(tmp_path: Path, files: dict[str, str]) -> None:
    """Servers with folders, files that Python runs, packages, workers, statements, and what is found in the source."""
    (title,) = titles(tmp_path, files)
    assert title.endswith("imports cv2, which is not there")


def test_what_no_process_reaches_is_not_reported(tmp_path: Path) -> None:
    """A script beside the app, and its tests, may have other needs."""
    files = {"app.py": APP, "train.py": "import cv2\n", "tests/test_app.py": "import pytest\n"}
    assert titles(tmp_path, files) == []


def test_an_app_of_which_nothing_is_installed_is_told_what_is_missing(tmp_path: Path) -> None:
    """Without its framework there may be no process at all; then files with the names of entries are looked at."""
    (notice,) = notices(tmp_path, {"main.py": "import sanic_ext\n\n\nclass Api(sanic_ext.Base):\n    pass\n"})
    assert notice.title == "main.py imports sanic_ext, which is not there"
    assert "A process that starts there imports it, and ends there" in notice.text


def test_nothing_is_said_where_the_modules_are_not_known(tmp_path: Path) -> None:
    """Before an installation only the names of distributions are known."""
    evidence = read_evidence(
        scan(write_app(tmp_path, {"app.py": f"import cv2\n{APP}"})), InstalledDistributions.declared({"flask"})
    )
    plan = replace(decide_plan(evidence), notices=())
    assert with_what_lacks(plan, evidence, "3.13", None).notices == ()


def test_of_thousands_of_missing_modules_the_first_are_named(tmp_path: Path) -> None:
    """Each of them would cost a reading of the file, minutes in all."""
    many = "".join(f"import gone{number}\n" for number in range(3000))
    assert len(titles(tmp_path, {"app.py": f"{many}{APP}"})) == 20
