"""How Poetry, PDM and Pipenv fail on a lock that was good once: by the real tools, explained as uv's failures are."""

import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from failing_installs import (
    FORBIDDEN,
    LOGIN,
    PROJECT,
    TAMPERED,
    Bed,
    Trouble,
    attempt,
    behaving,
    making_bed,
)
from manager_context import PYTHON, run_tool, write_app
from package_index import PackageIndex, wheel
from python_buildpack.package_managers.failures import errors
from python_buildpack.tools.pinned import PDM, PIPENV, POETRY
from tiny_index import serving

pytestmark = pytest.mark.network

TOOLS = {"poetry": POETRY, "pdm": PDM, "pipenv": PIPENV}
LOCK = {
    "poetry": (("lock", "-n"), {"POETRY_VIRTUALENVS_CREATE": "false"}),
    "pdm": (
        ("lock", "--no-isolation"),
        {"PDM_IGNORE_SAVED_PYTHON": "1", "PDM_PYTHON": str(PYTHON), "PDM_CHECK_UPDATE": "0"},
    ),
    "pipenv": (("lock", "--python", str(PYTHON)), {"PIPENV_NOSPIN": "1"}),
}
"""How a developer locks with each: words and variables."""
DECLARE = {
    "poetry": (
        "pyproject.toml",
        PROJECT + '[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "here"\nurl = "{1}"\n',
    ),
    "pdm": (
        "pyproject.toml",
        PROJECT
        + '[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{1}"\nverify_ssl = true\n',
    ),
    "pipenv": ("Pipfile", '[[source]]\nname = "here"\nurl = "{1}"\nverify_ssl = true\n[packages]\n{0} = "*"\n'),
}


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """Yield what the rows share."""
    with making_bed(tmp_path_factory.mktemp("bed")) as bed:
        yield bed


def lock(tool: str, folder: Path, index: PackageIndex, needs: str = "hello", **variables: str) -> Path:
    """Return an app that its developer locked while the index was as good as it is."""
    file, text = DECLARE[tool]
    app = write_app(folder / "app", {file: text.format(needs, index.url)})
    argv, more = LOCK[tool]
    run_tool(TOOLS[tool], app, folder / "work", folder / "layers", *argv, **more, **variables)
    shutil.rmtree(app / ".venv", ignore_errors=True)
    return app


@pytest.fixture(scope="module", params=sorted(TOOLS))
def locked(request: pytest.FixtureRequest, bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return a tool, and an app that was locked with it."""
    return request.param, lock(request.param, tmp_path_factory.mktemp(request.param), bed.index)


EMPTY = behaving(status=404)
GONE = behaving(files={"hello": [wheel("hello", "1.1")]})
OTHERWISE: dict[tuple[str, Trouble], type[BuildpackError]] = {
    # It says the same of a version that is gone as of one that was published again.
    ("pdm", GONE): errors.PackageHashMismatch,
    # uv is asked for exact versions, and knows no more than that they are not there.
    ("pipenv", EMPTY): errors.PackageVersionMissing,
    ("pipenv", GONE): errors.PackageVersionMissing,
}
QUICK_TOOLS = {"POETRY_REQUESTS_MAX_RETRIES": "0", "PDM_REQUEST_TIMEOUT": "1"}


@pytest.mark.parametrize(
    ("trouble", "error", "says"),
    [
        (LOGIN, errors.PackageIndexRefused, "No login was given"),
        (FORBIDDEN, errors.PackageIndexRefused, "refused access"),
        (TAMPERED, errors.PackageHashMismatch, "hello"),
        (EMPTY, errors.PackageUnknown, "hello"),
        (GONE, errors.PackageUnknown, "hello"),
        (PackageIndex.down, errors.PackageIndexUnreachable, "network"),
    ],
    ids=["401", "403", "tampered", "404", "no such version", "down"],
)
def test_a_failure_of_poetry_pdm_and_pipenv_is_explained(
    bed: Bed, locked: tuple[str, Path], trouble: Trouble, error: type[BuildpackError], says: str, tmp_path: Path
) -> None:
    """Each tool has its own words for it, PDM even a hash mismatch for a refused login."""
    tool, source = locked
    app = tmp_path / "app"
    shutil.copytree(source, app)
    with trouble(bed.index):
        outcome = attempt(bed, tool, app, QUICK_TOOLS)
    assert type(outcome.error) is OTHERWISE.get((tool, trouble), error), outcome.said
    assert says in outcome.said


@pytest.mark.parametrize("tool", ["pdm", "poetry"])
def test_an_index_of_an_unknown_authority_is_not_trusted_by_the_tools(bed: Bed, tool: str, tmp_path: Path) -> None:
    """Locked by somebody who has the authority's certificate, and built where it is not known."""
    authority = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(bed.authority))
    source = lock(tool, tmp_path / "developer", bed.private, **authority)
    outcome = attempt(bed, tool, Path(shutil.copytree(source, tmp_path / "app")), QUICK_TOOLS)
    assert type(outcome.error) is errors.PackageIndexUntrusted, outcome.said
    assert "ca-certificates" in outcome.said


def test_pdm_needs_git_for_a_repository(bed: Bed, tmp_path: Path) -> None:
    """Locked where there is git. Poetry brings its own; Pipenv's are installed by uv."""
    repository = write_app(
        tmp_path / "served" / "inrepo", {"pyproject.toml": PROJECT.replace("app", "inrepo").format("hello")}
    )
    for argv in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "first"],
        ["update-server-info"],
    ):
        subprocess.run([shutil.which("git") or "git", *argv], cwd=repository, check=True)
    with serving(tmp_path / "served") as address:
        needs = f"inrepo @ git+{address}/inrepo/.git"
        source = lock("pdm", tmp_path / "developer", bed.index, needs)
        app = Path(shutil.copytree(source, tmp_path / "app"))
        outcome = attempt(bed, "pdm", app, {**QUICK_TOOLS, "PATH": "/nowhere"})
    assert type(outcome.error) is errors.GitMissing, outcome.said


NOT_ALLOWED = {
    "poetry": {"pyproject.toml": DECLARE["poetry"][1], "poetry.lock": ""},
    "pdm": {"pyproject.toml": DECLARE["pdm"][1], "pdm.lock": ""},
    "uv": {"pyproject.toml": PROJECT, "uv.lock": "version = 1\n"},
    "pyproject.toml": {"pyproject.toml": PROJECT},
    "setup.py": {"setup.py": 'from setuptools import setup\nsetup(name="app", python_requires=">=3.8")\n'},
    "setup.cfg": {"setup.cfg": "[metadata]\nname = app\n[options]\npython_requires = >=3.8\n"},
}


@pytest.mark.parametrize("kind", NOT_ALLOWED)
def test_a_python_that_the_project_does_not_allow_is_refused(bed: Bed, kind: str, tmp_path: Path) -> None:
    """Before anything is installed: PDM would fill an environment of its own, and leave ours empty."""
    files = {name: text.replace(">=3.8", ">=3.99") for name, text in NOT_ALLOWED[kind].items()}
    outcome = attempt(bed, kind.replace("cfg", "py"), write_app(tmp_path / "app", files), {})
    assert type(outcome.error) is errors.PythonNotAllowed, outcome.said
    assert ">=3.99" in outcome.error.what
    assert platform.python_version() in outcome.error.what
