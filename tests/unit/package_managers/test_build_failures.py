"""What is said of a source that cannot be built, from the words of each tool."""

import pytest

from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.ports.interfaces import Finished


@pytest.mark.parametrize("tool", ["uv", "pip", "poetry", "pdm"])
@pytest.mark.parametrize(
    "words",
    [
        "ModuleNotFoundError: No module named 'pkg_resources'",
        "ImportError: cannot import name 'convert_path' from 'setuptools' (/x/setuptools/__init__.py)",
        "error in old setup command: use_2to3 is invalid.",
    ],
)
def test_a_setup_script_for_an_older_setuptools_is_told_from_a_missing_compiler(tool: str, words: str) -> None:
    """Where the tool offers no other setuptools, or another one does not help either, the reason is named."""
    error = explain(Finished(1, f"Building wheel for old (1.0)\n{words}\n"), "the.lock", tool)
    assert error.code == "package-build-failed"
    assert "older setuptools" in error.what


@pytest.mark.parametrize(
    ("words", "package"),
    [
        ("Command 'pkg-config --exists mysqlclient' returned non-zero exit status 1.", "default-libmysqlclient-dev"),
        ('../cairo/meson.build:31:12: ERROR: Dependency "cairo" not found (tried pkg-config and cmake)', "libcairo2"),
        ("Package libxml-2.0 was not found in the pkg-config search path.", "libxml2-dev"),
        ("Package 'libavformat', required by 'virtual:world', not found", "libavdevice-dev"),
        ("No package 'girepository-2.0' found", "libgirepository-2.0-dev"),
        ("Package 'libnobody-3', required by 'virtual:world', not found", "does not find libnobody-3"),
    ],
)
def test_a_library_that_pkg_config_does_not_find_is_named(words: str, package: str) -> None:
    """As pkg-config, meson and setup scripts say it, with the Debian package where it is known."""
    error = explain(Finished(1, f"error: Failed to build `old==1.0`\n{words}\n"), "requirements.txt")
    assert error.code == "header-missing"
    assert error.what.startswith("old==1.0 in requirements.txt")
    assert package in error.what
