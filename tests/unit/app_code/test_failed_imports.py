"""What is said of imports that fail one after the other, against chains that Python itself prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from python_buildpack.app_code.collectstatic_failures import CollectstaticFailed, failure

WRAPPER = """
class Unusable(Exception):
    pass
try:
    try:
        import {first} as chosen
    except ImportError:
        import {second} as chosen
except ImportError:
    raise Unusable("Error loading {first} or {second}")
"""
"""As Django loads psycopg or psycopg2, and many packages a fast module or another one."""
NO_WRAPPER = """
raise ImportError("no pq wrapper available.\\n- 'binary': No module named 'fast_binary'\\n- libpq library not found")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return an empty site-packages directory of Python 3.13."""
    folder = tmp_path / "lib/python3.13/site-packages"
    folder.mkdir(parents=True)
    return folder


def package(site: Path, name: str, code: str) -> None:
    """Add a package to it."""
    (site / name).mkdir()
    (site / name / "__init__.py").write_text(code, encoding="utf-8")


def failed(site: Path, code: str, extra: str | None = None) -> CollectstaticFailed:
    """Return the error for settings with this code, which import from ``site``."""
    settings = site.parents[2] / "settings.py"
    settings.write_text(code, encoding="utf-8")
    argv = [sys.executable, "-c", "import settings"]
    env = {"PYTHONPATH": f"{settings.parent}:{site}", "PYTHONDONTWRITEBYTECODE": "1"}
    output = subprocess.run(argv, env=env, capture_output=True, text=True, check=False).stderr
    return failure("collectstatic", 1, output, str(settings.parent), lambda _: extra)


def wrapped(site: Path, first: str, second: str) -> None:
    """Install a package that tries one module and then another."""
    package(site, "backend", WRAPPER.format(first=first, second=second))


def test_the_first_attempt_that_is_there_counts(site: Path) -> None:
    """What is installed and lacks a library is named, not the other package that was tried in its place."""
    wrapped(site, "fast", "slow")
    package(site, "fast", NO_WRAPPER)
    error = failed(site, "import backend", "fast[binary]")
    assert "The installed package fast is there and cannot be imported: no pq wrapper available." in error.what
    assert "Require fast[binary]" in error.cure
    assert "libpq (Debian's package libpq5)" in error.cure
    assert "slow" not in f"{error.what} {error.cure}"
    assert "DISABLE_COLLECTSTATIC" not in error.cure


def test_the_attempt_that_is_there_counts_in_either_order(site: Path) -> None:
    """Which of them is tried first makes no difference."""
    wrapped(site, "slow", "fast")
    package(site, "fast", NO_WRAPPER)
    error = failed(site, "import backend")
    assert "The installed package fast is there" in error.what
    assert "slow" not in f"{error.what} {error.cure}"


@pytest.mark.parametrize(
    ("code", "library"),
    [
        ("raise OSError(\"cannot load library 'libpango-1.0-0': no such file\")", "libpango-1.0-0"),
        ("import ctypes\nctypes.CDLL('libsndfile.so.77')", "libsndfile.so.77"),
        ('raise RuntimeError(\'Could not find the GDAL library (tried "gdal", "GDAL").\')', "gdal"),
    ],
)
def test_a_library_that_a_package_looks_for_itself(site: Path, code: str, library: str) -> None:
    """Whatever it raises then: cffi and ctypes raise OSError, and Django an error of its own."""
    package(site, "fast", code)
    error = failed(site, "import fast")
    assert "The installed package fast is there and cannot be imported:" in error.what
    assert f"{library} (Debian's package lib" in error.cure


def test_a_library_that_the_app_itself_loads(site: Path) -> None:
    """The package that imports the app's module is not to blame."""
    package(site, "loader", "import importlib\nimportlib.import_module('own')")
    (site.parents[2] / "own.py").write_text("import ctypes\nctypes.CDLL('libsndfile.so.77')\n", encoding="utf-8")
    error = failed(site, "import loader")
    assert "loader is there" not in error.what
    assert "own.py, line 2" in error.what


@pytest.mark.parametrize("second", ["slow", "fast.other"])
def test_a_missing_library_of_the_first_attempt(site: Path, second: str) -> None:
    """The loader's message (mysqlclient, lxml, Pillow) is found at any place of a chain."""
    wrapped(site, "fast", second)
    message = "libmariadb.so.3: cannot open shared object file: No such file or directory"
    package(site, "fast", f"raise ImportError('{message}')")
    error = failed(site, "import backend")
    assert "The installed package fast is there and cannot be imported: libmariadb.so.3" in error.what
    assert "libmariadb.so.3 (Debian's package libmariadb3)" in error.cure


def test_what_the_first_attempt_imports_itself(site: Path) -> None:
    """A package that is there and lacks another one: that one is missing."""
    wrapped(site, "fast", "slow")
    package(site, "fast", "import needed_by_fast")
    error = failed(site, "import backend")
    assert "The installed package fast is there" in error.what
    assert "Add the distribution that has needed_by_fast" in error.cure


def test_a_first_attempt_that_is_for_an_older_python(site: Path) -> None:
    """It is the Python that does not fit."""
    wrapped(site, "fast", "slow")
    package(site, "fast", "from collections import Iterator")
    error = failed(site, "import backend")
    assert "The installed package fast does not run on Python 3.13" in error.what


def test_attempts_at_modules_that_are_all_absent(site: Path) -> None:
    """All of them are named, the first one as what to install."""
    wrapped(site, "fast", "slow")
    package(site, "direct", "try:\n    import fast\nexcept ImportError:\n    import slow\n")
    assert "The app imports fast, or slow in its place" in failed(site, "import direct").what
    error = failed(site, "import backend")
    assert "The app imports fast, or slow in its place, and none of them is installed." in error.what
    assert "Add the distribution that has fast" in error.cure


@pytest.mark.parametrize(
    "fallback", ["from production import *", "import os\n    os.environ['NO_SUCH_VARIABLE_HERE']", "1 / 0"]
)
def test_what_the_handling_reaches_is_another_failure(site: Path, fallback: str) -> None:
    """An optional module that is absent is no reason: the last exception counts."""
    (site.parents[2] / "production.py").write_text("import boto_missing", encoding="utf-8")
    error = failed(site, f"try:\n    import local_settings\nexcept ImportError:\n    {fallback}\n")
    assert "local_settings" not in f"{error.what} {error.cure}"
    assert any(name in error.what for name in ("boto_missing", "NO_SUCH_VARIABLE_HERE", "ZeroDivisionError"))


def test_one_attempt(site: Path) -> None:
    """A single import that fails is explained alike."""
    package(site, "fast", NO_WRAPPER)
    assert "The installed package fast is there" in failed(site, "import fast").what
    assert "The app imports absent_here, which is neither installed" in failed(site, "import absent_here").what


def test_a_module_that_a_package_imports_by_name_is_not_its_own(site: Path) -> None:
    """Django imports what INSTALLED_APPS names: the app has to require it, and Django is not broken."""
    package(site, "apps", "import importlib\ndef load(name):\n    return importlib.import_module(name)\n")
    assert (
        "The app imports toolbar, which is neither installed" in failed(site, "import apps\napps.load('toolbar')").what
    )
