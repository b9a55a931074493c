"""Rules for packages, as an app's settings and as a platform's default: real installers on real input."""

from collections.abc import Callable
from pathlib import Path

import pytest

import tiny_index
from built_apps import one_line
from devkit.lifecycle.results import Built, Failed
from manager_context import empty_environment, index_url, install_context, lock_uv, write_app
from python_buildpack.package_managers.failures.errors import SourceBuildRefused
from python_buildpack.package_managers.registry import manager_named
from tiny_index import Distribution

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
PROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\n'
UV_INDEX = '[[tool.uv.index]]\nname = "here"\nurl = "{}"\ndefault = true\n'
WHEELS_ONLY = {"BP_PYTHON_ONLY_BINARY": "true"}


def install(app: Path, tmp_path: Path, manager_name: str, settings: dict[str, str], **variables: str) -> str:
    """Resolve and install, and return the resolution."""
    context = install_context(app, tmp_path / "work", tmp_path / "layers", settings, **variables)
    manager = manager_named(manager_name, context.settings)
    resolution = manager.resolve(context)
    venv = tmp_path / "work" / "venv"
    empty_environment(venv)
    manager.install(context, resolution, venv)
    return resolution.text


@pytest.mark.parametrize("way", ["uv-pip", "pyproject", "uv.lock"])
def test_nothing_is_built_where_only_wheels_may_be(tmp_path: Path, way: str) -> None:
    """The package that has no wheel is named, and its build backend does not run."""
    ran = tmp_path / "ran"
    hostile = Distribution("sourced", "1.0", on_build=f"open({str(ran)!r}, 'w').close()")
    tiny_index.add_to_index(tmp_path / "index", sdists=[hostile])
    with tiny_index.serving(tmp_path / "index") as url:
        needs = f'{PROJECT}dependencies = ["sourced"]\n{UV_INDEX.format(url)}'
        file, text = ("requirements.txt", "sourced\n") if way == "uv-pip" else ("pyproject.toml", needs)
        app = write_app(tmp_path / "app", {file: text})
        if way == "uv.lock":
            lock_uv(app, tmp_path / "developer", tmp_path / "layers")
            ran.unlink(missing_ok=True)
        with pytest.raises(SourceBuildRefused, match="sourced"):
            install(
                app, tmp_path, "uv" if way == "uv.lock" else file, WHEELS_ONLY, PIP_INDEX_URL=url, PIP_FIND_LINKS=""
            )
    assert not ran.exists()


SOURCE = "vendor/sourced-1.0.tar.gz"
EXCEPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "a line": ("requirements.txt", {"requirements.txt": "--no-binary sourced\nsourced\n"}),
    "an editable project": ("requirements.txt", {"requirements.txt": "-e ./project\n"}),
    "pip's line": ("requirements.txt", {"requirements.txt": "--no-binary=sourced\nsourced\n"}),
    "a table for uv pip": (
        "pyproject.toml",
        {"pyproject.toml": f'{PROJECT}dependencies = ["sourced"]\n[tool.uv.pip]\nno-binary = ["sourced"]\n'},
    ),
    "a file of uv": (
        "pyproject.toml",
        {
            "pyproject.toml": f'{PROJECT}dependencies = ["sourced"]\n',
            "uv.toml": 'no-binary-package = ["sourced"]\n',
        },
    ),
    "a lock of Poetry with an archive": (
        "poetry",
        {
            "pyproject.toml": '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.9"\n',
            "poetry.lock": '[[package]]\nname = "sourced"\nversion = "1.0"\ngroups = ["main"]\nfiles = []\n\n'
            f'[package.source]\ntype = "file"\nurl = "{SOURCE}"\n\n[metadata]\nlock-version = "2.1"\n',
        },
    ),
    "a script of Poetry": (
        "poetry",
        {
            "pyproject.toml": '[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.build]\nscript = "build.py"\n'
            '[tool.poetry.dependencies]\npython = ">=3.9"\n',
            "poetry.lock": '[metadata]\nlock-version = "2.1"\n',
        },
    ),
    "a plugin of Poetry": (
        "poetry",
        {
            "pyproject.toml": '[tool.poetry]\npackage-mode = false\n[tool.poetry.requires-plugins]\nplug = "*"\n'
            '[tool.poetry.dependencies]\npython = ">=3.9"\n',
            "poetry.lock": '[metadata]\nlock-version = "2.1"\n',
        },
    ),
    "an editable project of Pipenv": (
        "pipenv",
        {"Pipfile": '[packages]\nproject = {path = "./project", editable = true}\n'},
    ),
}
"""What an app can write to have a package built that has a wheel, or that must not be built: manager and files."""


@pytest.mark.parametrize("way", EXCEPTIONS)
def test_files_of_the_app_make_no_exception(tmp_path: Path, way: str) -> None:
    """Where only wheels may be installed. Without the setting, the same files have the code run."""
    ran = tmp_path / "ran"
    hostile = Distribution("sourced", on_build=f"open({str(ran)!r}, 'w').close()")
    manager, files = EXCEPTIONS[way]
    app = write_app(tmp_path / "app", {**files, "build.py": f"open({str(ran)!r}, 'w').close()"})
    write_app(app / "project", tiny_index.source_files(hostile))
    tiny_index.write_sdist(app / "vendor", hostile)
    tiny_index.add_to_index(tmp_path / "index", hostile, sdists=[hostile])
    with tiny_index.serving(tmp_path / "index") as url:
        with pytest.raises(SourceBuildRefused):
            install(app, tmp_path / "refused", manager, WHEELS_ONLY, PIP_INDEX_URL=url)
        assert not ran.exists()
        if manager != "poetry":
            install(app, tmp_path / "allowed", manager, {}, PIP_INDEX_URL=url)
            assert ran.exists()


@pytest.mark.parametrize("way", ["pyproject.toml", "uv"])
def test_the_app_itself_is_not_built_either(tmp_path: Path, way: str) -> None:
    """Its build backend is a package, whose code would run."""
    app = write_app(tmp_path / "app", {"pyproject.toml": PROJECT + SETUPTOOLS, "shop/__init__.py": ""})
    if way == "uv":
        lock_uv(app, tmp_path / "developer", tmp_path / "layers")
    with pytest.raises(SourceBuildRefused, match="the app itself would be built"):
        install(app, tmp_path, way, WHEELS_ONLY)


@pytest.mark.network
def test_what_was_published_later_is_left_out(tmp_path: Path) -> None:
    """The newest idna before September 2024 was 3.8, and the log has the limit."""
    app = write_app(tmp_path / "app", {"requirements.txt": "idna\n"})
    settings = {"BP_PYTHON_EXCLUDE_NEWER": "2024-09-01"}
    assert install(app, tmp_path, "requirements.txt", settings, PIP_INDEX_URL=index_url()).startswith("idna==3.8\n")


def test_a_platform_can_require_hashes_of_all_apps(tmp_path: Path, attempt: Callable[..., Built | Failed]) -> None:
    """By a file in /cnb/build-config/env, which an app's own setting would override."""
    config = write_app(tmp_path / "config", {"env/BP_PYTHON_REQUIRE_HASHES": "true"})
    app = write_app(tmp_path / "app", {"requirements.txt": "idna\n", "app.py": "import idna\n"})
    failed = attempt(app, {"PIP_NO_INDEX": "1"}, build_config=config)
    assert isinstance(failed, Failed)
    assert "requirements.txt does not say which files" in one_line(failed.log)
    assert "docs/errors/hashes-required.md" in failed.log
