"""Poetry, Pipenv and PDM themselves: installed when needed, kept in the cache, kept apart from the app; odd apps."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cnb.layers import Layers
from manager_context import PYTHON, index_url, install, install_context, run_tool, snapshot, write_app
from python_buildpack.layers.tools import NAME, ToolNotInstalled
from python_buildpack.package_managers.failures.errors import LockOutOfDate
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.ports.interfaces import Command
from python_buildpack.tools.pinned import PDM, PIPENV, POETRY, PinnedTool

POETRY_PROJECT = """
[tool.poetry]
name = "hello-app"
version = "1.0"
description = ""
authors = ["A Person <person@example.org>"]
[tool.poetry.dependencies]
python = "^3.10"
click = "*"
[tool.poetry.dev-dependencies]
itsdangerous = "*"
[[tool.poetry.source]]
name = "here"
url = "{0}"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""
PIPFILE = '[[source]]\nname = "here"\nurl = "{0}"\nverify_ssl = true\n[packages]\nclick = "*"\n'


@pytest.mark.parametrize("tool", [POETRY, PIPENV, PDM], ids=lambda tool: tool.name)
def test_every_distribution_of_a_tool_is_pinned_by_its_hash(tool: PinnedTool) -> None:
    """Each requirement has one version and at least one sha256; no index is named."""
    text = tool.pins.read_text(encoding="utf-8")
    requirements = text.replace("\\\n", " ").splitlines()
    assert requirements
    assert all("==" in line and "--hash=sha256:" in line for line in requirements)
    assert "://" not in text


@pytest.mark.network
def test_a_tool_is_installed_once_and_kept_for_the_next_build(tmp_path: Path) -> None:
    """The second build reaches no index; the layer is cached and neither for the image nor for other buildpacks."""
    layers = tmp_path / "layers"
    layers.mkdir()
    first = install_context(tmp_path, tmp_path / "one", layers)
    how = Command((), first.env, cwd=tmp_path, show=False)
    first.tools.keep(PDM)
    assert list(layers.iterdir()) == []
    assert first.tools.run(PDM, ("--version",), how).status == 0
    before = snapshot(layers / NAME)
    closed = install_context(tmp_path, tmp_path / "two", layers, UV_OFFLINE="1")
    closed.tools.keep(PDM)
    assert closed.tools.run(PDM, ("--version",), how).output.startswith("PDM, version")
    assert snapshot(layers / NAME) == before
    text = (layers / f"{NAME}.toml").read_text(encoding="utf-8")
    assert "cache = true" in text
    assert "launch = false" in text
    assert "build = false" in text


def test_a_tool_that_cannot_be_had_is_explained(tmp_path: Path) -> None:
    """Without an index the build ends here, and the next one does not take the half for the whole."""
    closed = {"UV_OFFLINE": "1", "UV_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null"}
    context = install_context(tmp_path, tmp_path / "work", tmp_path / "layers", None, **closed)
    with pytest.raises(ToolNotInstalled, match="pdm"):
        context.tools.run(PDM, ("--version",), Command((), context.env))
    assert Layers(tmp_path / "layers").restored_key(NAME) == {}


@pytest.fixture(scope="module")
def old_poetry_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Yield an app in Poetry's own tables, with a lock that a Poetry of 2024 made."""
    work = tmp_path_factory.mktemp("poetry-1")
    files = {"pyproject.toml": POETRY_PROJECT.format(index_url()), "hello_app/__init__.py": ""}
    app = write_app(work / "app", files)
    context = install_context(app, work, work / "layers")
    tool = str(work / "tool")
    for argv in (("venv", "--python", str(PYTHON), tool), ("pip", "install", "--python", tool, "poetry==1.8.5")):
        assert run_uv(context, argv, show=False).status == 0
    env = {**context.env, "POETRY_VIRTUALENVS_CREATE": "false", "POETRY_CACHE_DIR": str(work / "poetry")}
    subprocess.run([f"{tool}/bin/poetry", "lock", "-n"], cwd=app, env=env, check=True, capture_output=True)
    return app


@pytest.mark.network
def test_a_lock_of_poetry_1_is_installed(old_poetry_app: Path, tmp_path: Path) -> None:
    """Apps of 2024 need not lock again."""
    app = Path(shutil.copytree(old_poetry_app, tmp_path / "app"))
    done = install("poetry", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"click", "hello_app"}


@pytest.mark.network
@pytest.mark.parametrize("mode", ["", "package-mode = false\n"], ids=["no module", "no package"])
def test_a_poetry_app_without_a_module_gets_its_dependencies(old_poetry_app: Path, tmp_path: Path, mode: str) -> None:
    """Most web apps are no package: with package-mode = false in silence, else with the advice to write that."""
    app = Path(shutil.copytree(old_poetry_app, tmp_path / "app"))
    shutil.rmtree(app / "hello_app")
    text = (app / "pyproject.toml").read_text(encoding="utf-8")
    write_app(app, {"pyproject.toml": text.replace("[tool.poetry]\n", f"[tool.poetry]\n{mode}", 1)})
    done = install("poetry", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"click"}
    assert [("package-mode" in text) for text in done.log.warnings] == ([] if mode else [True])


@pytest.mark.network
def test_plugins_that_a_poetry_project_requires_leave_no_trace(old_poetry_app: Path, tmp_path: Path) -> None:
    """Poetry installs them into .poetry of the app; they are there for the build only."""
    app = Path(shutil.copytree(old_poetry_app, tmp_path / "app"))
    with (app / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('[tool.poetry.requires-plugins]\npoetry-plugin-export = ">=1.8"\n')
    before = snapshot(app)
    done = install("poetry", app, tmp_path / "work", tmp_path / "layers")
    assert done.names == {"click", "hello_app"}
    assert any("poetry-plugin-export" in text for text in done.log.said)
    assert snapshot(app) == before


@pytest.mark.network
def test_a_pipfile_lock_alone_is_installed_and_one_without_a_digest_is_not(tmp_path: Path) -> None:
    """Without a Pipfile there is nothing to be out of date against; a lock that names no Pipfile fits none.

    A package without hashes, as Pipenv locked it where the index gave none, is installed like the others.
    """
    app = write_app(tmp_path / "app", {"Pipfile": PIPFILE.format(index_url())})
    variables = {"WORKON_HOME": str(tmp_path / "environments"), "PIPENV_NOSPIN": "1"}
    run_tool(PIPENV, app, tmp_path / "lock", tmp_path / "layers", "lock", "--python", str(PYTHON), **variables)
    pipfile = (app / "Pipfile").read_text(encoding="utf-8")
    (app / "Pipfile").unlink()
    lock = json.loads((app / "Pipfile.lock").read_text(encoding="utf-8"))
    lock["default"]["click"]["hashes"] = []
    (app / "Pipfile.lock").write_text(json.dumps(lock), encoding="utf-8")
    before = snapshot(app)
    assert install("pipenv", app, tmp_path / "one", tmp_path / "layers").names == {"click"}
    assert snapshot(app) == before
    write_app(app, {"Pipfile": pipfile, "Pipfile.lock": '{"_meta": {}, "default": {}}'})
    with pytest.raises(LockOutOfDate):
        install("pipenv", app, tmp_path / "two", tmp_path / "layers")
