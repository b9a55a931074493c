"""Build backends that take a version from git name their own variable, or the explanation does."""

import pytest

from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.ports.interfaces import Finished

NO_VCS = "Unable to detect version control system. Checked: Git. Not installed: Mercurial, Darcs."


@pytest.mark.parametrize("tool", ["uv", "pip", "poetry", "pdm"])
@pytest.mark.parametrize(
    ("output", "variable"),
    [
        (
            "LookupError: setuptools-scm was unable to detect version for /workspace.\n"
            "Alternatively, set the version in the environment with SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MY_SHOP or "
            "VCS_VERSIONING_PRETEND_VERSION_FOR_MY_SHOP, as described in the documentation",
            "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MY_SHOP",
        ),
        ("LookupError: setuptools-scm was unable to detect version for /workspace.", "SETUPTOOLS_SCM_PRETEND_VERSION"),
        (
            "ConfigError: Cannot find the version from SCM or SCM isn't detected.\nYou can still specify",
            "PDM_BUILD_SCM_VERSION",
        ),
        (
            f"RuntimeError: Error getting the version from source `uv-dynamic-versioning`: {NO_VCS}",
            "UV_DYNAMIC_VERSIONING_BYPASS",
        ),
        (
            f'  File "/x/site-packages/poetry_dynamic_versioning/__init__.py", line 1\nRuntimeError: {NO_VCS}',
            "POETRY_DYNAMIC_VERSIONING_BYPASS",
        ),
        ("Exception: Versioning for this project requires either an sdist tarball, or access to", "PBR_VERSION"),
        ("versioningit.errors.NotSdistError: /x does not contain a PKG-INFO file", "default-version"),
    ],
)
def test_the_variable_of_the_backend_is_named(tool: str, output: str, variable: str) -> None:
    """Whichever installer runs the backend."""
    error = explain(Finished(1, output), "pyproject.toml", tool)
    assert error.code == "project-version-unknown"
    assert variable in error.cure
