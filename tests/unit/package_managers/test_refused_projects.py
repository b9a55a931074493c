"""What is said when a build backend refuses a project: from what the real backends print, under uv and pip."""

from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.failures.projects import ProjectFileMissing, ProjectLayoutUnknown
from python_buildpack.ports.interfaces import Finished

OUTPUTS = Path(__file__).with_name("assets") / "refusals"
"""The ends of what ``uv pip install`` and ``pip wheel`` print for a small project, by backend and case."""
EXPECTED: dict[str, tuple[type[BuildpackError], tuple[str, ...]]] = {
    "readme": (ProjectFileMissing, ("README.md",)),
    "license": (ProjectFileMissing, ("LICENSE",)),
    "flat": (ProjectLayoutUnknown, ("package",)),
    "none": (ProjectLayoutUnknown, ("package",)),
    "version": (ProjectFileInvalid, ("without version",)),
}


@pytest.mark.parametrize("tool", ["uv", "pip", "poetry", "pdm"])
@pytest.mark.parametrize("output", sorted(OUTPUTS.iterdir()), ids=lambda path: path.stem)
def test_every_backends_refusal_is_explained_alike(output: Path, tool: str) -> None:
    """Each cause has one error, whichever backend and installer it passes through; what is missing is named."""
    error_type, words = EXPECTED[output.stem.rpartition("-")[2]]
    error = explain(Finished(1, output.read_text(encoding="utf-8")), "pyproject.toml", tool)
    assert type(error) is error_type
    assert all(word in error.what for word in words)
    assert not {"{", "}"} & set(error.what + error.cure)


@pytest.mark.parametrize(
    "said",
    [
        "error: Failed to build `core @ file:///workspace/libs/core`",
        "  ERROR: Failed building wheel for core",
        "ERROR: Install core 1.0 failed",
        "Note: This error originates from the build backend, and is likely not a problem with poetry but core (1.0)",
    ],
)
def test_the_project_that_is_refused_is_named(said: str) -> None:
    """As uv, pip, PDM and Poetry name it: of a workspace with many, the file that they are declared in says little."""
    reason = "RuntimeError: setuptools-scm was unable to detect version for /workspace/libs/core"
    error = explain(Finished(1, f"{said}\n{reason}"), "uv.lock")
    assert error.what.startswith("The project core, which uv.lock has or requires, takes its version from git")
    assert explain(Finished(1, reason), "uv.lock").what.startswith("A project in uv.lock takes")


def test_what_a_backend_found_or_sought_is_named() -> None:
    """Setuptools lists the packages, poetry-core and uv_build say where they looked."""
    for name, words in (
        ("setuptools-flat", "'config', 'agents'"),
        ("poetry-flat", "shop"),
        ("uv_build-none", "src/shop"),
    ):
        text = (OUTPUTS / f"{name}.txt").read_text(encoding="utf-8")
        assert words in explain(Finished(1, text), "pyproject.toml").what
