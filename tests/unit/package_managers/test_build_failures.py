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
