"""Dependencies from the app's own folders that are not in the app: named by file and place, before any download."""

from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.package_managers.members import MemberNotChosen
from python_buildpack.package_managers.missing_sources import (
    LocalSourceMissing,
    WorkspaceMemberMissing,
    WorkspaceMissing,
    check_local_sources,
)
from python_buildpack.settings.values import Settings

PROJECT = '[project]\nname = "api"\ndependencies = ["core"]\n'
PATHS = {
    "uv": ("pyproject.toml", '{project}[tool.uv.sources]\ncore = {{ path = "{path}", editable = true }}\n'),
    "pyproject.toml": ("pyproject.toml", '[project]\nname = "api"\ndependencies = ["core @ file:{path}"]\n'),
    "poetry": ("pyproject.toml", '[tool.poetry.dependencies]\ncore = {{ path = "{path}", develop = true }}\n'),
    "pdm": ("pyproject.toml", '[project]\ndependencies = ["core @ file:///${{PROJECT_ROOT}}/{path}"]\n'),
    "pipenv": ("Pipfile", '[packages]\ncore = {{ path = "{path}", editable = true }}\n'),
    "pylock.toml": ("pylock.toml", '[[packages]]\nname = "core"\ndirectory = {{ path = "{path}" }}\n'),
    "requirements.txt": ("requirements.txt", "flask\n-e {path}[extra]  # ours\n"),
}


def check(app: Path, manager: str, settings: dict[str, str] | None = None) -> tuple[str, ...]:
    return tuple(notice.text for notice in check_local_sources(scan(app), manager, Settings(settings or {})))


@pytest.mark.parametrize("manager", PATHS)
@pytest.mark.parametrize(("path", "words"), [("./libs/core", "not in the app"), ("../core", "above the app directory")])
def test_a_path_that_is_not_in_the_app_is_named(manager: str, path: str, words: str, tmp_path: Path) -> None:
    """In every manager's notation; what lies beside the app on one machine is not in the build."""
    file, text = PATHS[manager]
    app = write_app(tmp_path / "app", {file: text.format(project=PROJECT, path=path)})
    write_app(tmp_path / "core", {"setup.py": ""})
    with pytest.raises(LocalSourceMissing) as caught:
        check(app, manager)
    assert file in caught.value.what
    assert f"from {path.removeprefix('./')}, which is {words}" in caught.value.what
    write_app(app, {"libs/core/setup.py": ""})
    if path.startswith("./"):
        assert check(app, manager) == ()


def test_what_is_not_installed_may_be_missing(tmp_path: Path) -> None:
    """Groups, extras, sources that nothing depends on, other tools' tables, and what a hook may still bring."""
    text = (
        '[project]\nname = "api"\n[project.optional-dependencies]\nfast = ["core @ file:./core"]\n'
        '[tool.uv.sources]\nunused = { path = "../unused" }\n'
        '[tool.poetry.dependencies]\nother = { path = "../other" }\n'
    )
    app = write_app(tmp_path / "a", {"pyproject.toml": text})
    assert check(app, "pyproject.toml") == ()
    with pytest.raises(LocalSourceMissing):
        check(app, "pyproject.toml", {"BP_PYTHON_EXTRAS": "fast"})
    hooked = write_app(tmp_path / "b", {"requirements.txt": "./made.whl\n", "bin/pre_compile": "#!/bin/sh\n"})
    assert check(hooked, "requirements.txt") == ()


def test_a_path_of_another_machine_is_told_from_a_forgotten_folder(tmp_path: Path) -> None:
    """Pip freeze writes where Conda built a package; no commit brings that folder into the app."""
    lines = "flask\nnumpy @ file:///croot/numpy_and_numpy_base_1682520569166/work\n"
    with pytest.raises(LocalSourceMissing) as caught:
        check(write_app(tmp_path, {"requirements.txt": lines}), "requirements.txt")
    assert "gets numpy from /croot/numpy_and_numpy_base_1682520569166/work, which is not in the build" in (
        caught.value.what
    )
    assert "Conda" in caught.value.cure
    assert "ignored by git" not in caught.value.cure


@pytest.mark.parametrize(
    ("manager", "file", "text"),
    [
        ("requirements.txt", "requirements.txt", "./win/tool.whl ; sys_platform == 'win32'\n"),
        ("requirements.txt", "requirements.txt", "tool @ file:///C:/ci/tool ; sys_platform == 'win32'\n"),
        ("pyproject.toml", "pyproject.toml", "[project]\ndependencies = [\"x @ file:x ; os_name == 'nt'\"]\n"),
        ("poetry", "pyproject.toml", '[tool.poetry.dependencies]\nx = { path = "../x", optional = true }\n'),
        ("poetry", "pyproject.toml", '[tool.poetry.dependencies]\nx = { path = "../x", platform = "win32" }\n'),
        ("pipenv", "Pipfile", '[packages]\nx = { path = "../x", sys_platform = "== \'win32\'" }\n'),
    ],
)
def test_what_is_for_another_system_or_optional_may_be_missing(
    manager: str, file: str, text: str, tmp_path: Path
) -> None:
    """Whether it is installed is for the manager to say, which knows the markers and the extras."""
    assert check(write_app(tmp_path / "app", {file: text}), manager) == ()


def test_options_after_a_path_do_not_belong_to_it(tmp_path: Path) -> None:
    """Pip takes options for a single requirement after it."""
    files = {"requirements.txt": "./lib --config-settings=a=b\n-e ./lib --no-deps\n", "lib/setup.py": ""}
    assert check(write_app(tmp_path, files), "requirements.txt") == ()


def test_a_path_of_poetry_for_an_extra_may_be_missing(tmp_path: Path) -> None:
    """[project] says that it belongs to an extra, and [tool.poetry.dependencies] where it is from."""
    text = (
        '[project]\nname = "api"\ndependencies = []\n[project.optional-dependencies]\nfast = ["core"]\n'
        '[tool.poetry.dependencies]\ncore = { path = "../core" }\n'
    )
    app = write_app(tmp_path / "a", {"pyproject.toml": text})
    assert check(app, "poetry") == ()
    with pytest.raises(LocalSourceMissing):
        check(app, "poetry", {"BP_PYTHON_EXTRAS": "fast"})


def test_a_path_that_no_scan_sees_is_there(tmp_path: Path) -> None:
    """Links to folders and hidden folders are as good as others, and so is what is relative to the file."""
    lines = "./linked\n./.deps/core\n./${WHEEL}\n-r more/base.txt\n"
    files = {"requirements.txt": lines, "more/base.txt": "-e ../.deps/core\n", ".deps/core/setup.py": ""}
    app = write_app(tmp_path, files)
    (app / "linked").symlink_to(app / ".deps/core")
    assert check(app, "requirements.txt") == ()


def test_a_member_that_is_built_alone_is_told_to_build_its_workspace(tmp_path: Path) -> None:
    """The project, the dependency and the variable are named."""
    text = f"{PROJECT}[tool.uv.sources]\ncore = {{ workspace = true }}\n"
    with pytest.raises(WorkspaceMissing, match=r"gets core from its workspace") as caught:
        check(write_app(tmp_path, {"pyproject.toml": text}), "pyproject.toml")
    assert "set BP_PYTHON_PACKAGE to the name of this project (api)" in caught.value.cure


def test_a_member_that_is_needed_and_missing_is_named(tmp_path: Path) -> None:
    """With the members that are there, and those that are missing."""
    member = f"{PROJECT}[tool.uv.sources]\ncore = {{ workspace = true }}\n"
    app = write_app(
        tmp_path,
        {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["api", "libs/core"]\n', "api/pyproject.toml": member},
    )
    with pytest.raises(WorkspaceMemberMissing, match=r"no member of it has this name. Its members in the app are api."):
        check(app, "pyproject.toml")
    write_app(app, {"libs/core/pyproject.toml": '[project]\nname = "Core"\n'})
    assert check(app, "pyproject.toml") == ()


@pytest.mark.parametrize("kind", ["editable", "virtual", "directory"])
def test_a_member_that_only_the_lock_has_is_an_error(kind: str, tmp_path: Path) -> None:
    """Where uv itself says that the lock is out of date, which hides the cause; without a lock it is a notice."""
    app = write_app(tmp_path, {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["gone"]\n'})
    (text,) = check(app, "pyproject.toml")
    assert "lists gone, where the app has no project" in text
    write_app(app, {"uv.lock": f'version = 1\n[[package]]\nname = "gone"\nsource = {{ {kind} = "gone" }}\n'})
    with pytest.raises(BuildpackError, match=r"uv.lock has the projects in gone"):
        check(app, "uv")


def test_a_root_that_needs_nothing_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    """So that explain says it too."""
    root = '[project]\nname = "shop"\n[tool.uv.workspace]\nmembers = ["api"]\n'
    app = write_app(tmp_path, {"pyproject.toml": root, "api/pyproject.toml": PROJECT.replace("core", "flask")})
    with pytest.raises(MemberNotChosen, match="members of the workspace are api"):
        check(app, "pyproject.toml")
    assert check(app, "pyproject.toml", {"BP_PYTHON_PACKAGE": "api"}) == ()


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[project]\nname = "shop"\ndynamic = ["dependencies"]\n'},
        {"pyproject.toml": "", "setup.py": "from setuptools import setup\nsetup(install_requires=['flask'])\n"},
    ],
)
def test_a_root_whose_build_backend_computes_what_it_needs_is_not_refused(
    files: dict[str, str], tmp_path: Path
) -> None:
    """As from a requirements.txt, by [tool.setuptools.dynamic]."""
    workspace = '[tool.uv.workspace]\nmembers = ["api"]\n'
    app = write_app(tmp_path, {**files, "api/pyproject.toml": PROJECT.replace("core", "flask")})
    write_app(app, {"pyproject.toml": files["pyproject.toml"] + workspace})
    assert check(app, "pyproject.toml") == ()
