"""BP_PYTHON_SUBDIRECTORY: the folder of a repository that is the app."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.app.upload import upload_around
from python_buildpack.package_managers.missing_sources import LocalSourceMissing, check_local_sources
from python_buildpack.platform.subdirectory import SubdirectoryMissing, app_folder
from python_buildpack.settings.values import Settings

NAME = "BP_PYTHON_SUBDIRECTORY"


@pytest.mark.parametrize("value", ["services/api", "./services/api/", "/services/api"])
def test_the_folder_is_the_app(value: str, tmp_path: Path) -> None:
    """However its path is written."""
    write_app(tmp_path, {"services/api/requirements.txt": ""})
    found = app_folder(tmp_path, {NAME: value, "A": "1"})
    assert (found.path, found.env) == (tmp_path / "services/api", {NAME: value, "A": "1"})


@pytest.mark.parametrize("value", ["", ".", " "])
def test_without_it_all_is_the_app(value: str, tmp_path: Path) -> None:
    """An empty value and the upload itself change nothing."""
    assert app_folder(tmp_path, {NAME: value}).path == tmp_path


@pytest.mark.parametrize("value", ["bakend", "../outside", "link", "file"])
def test_what_is_no_folder_of_the_upload_is_refused(value: str, tmp_path: Path) -> None:
    """Misspelt, above the upload, a link that leads out of it, a file: the folders that are there are named."""
    upload = write_app(tmp_path / "upload", {"backend/app.py": "", "frontend/a.js": "", ".git/x": "", "file": ""})
    (tmp_path / "outside").mkdir()
    (upload / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(
        SubdirectoryMissing, match=f"{NAME} is {value}, but the app has no such folder.*backend, frontend"
    ):
        app_folder(upload, {NAME: value})


def test_a_member_of_a_workspace_is_built_with_the_workspace(tmp_path: Path) -> None:
    """Its root has the lock and the other members, so the app is all of it, and the member is chosen."""
    files = {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["apps/*"]\n', "apps/api/pyproject.toml": ""}
    write_app(tmp_path, {**files, "other/requirements.txt": ""})
    member = app_folder(tmp_path, {NAME: "apps/api"})
    assert (member.path, member.env["BP_PYTHON_PACKAGE"]) == (tmp_path, "apps/api")
    assert app_folder(tmp_path, {NAME: "apps/api", "BP_PYTHON_PACKAGE": "*"}).env["BP_PYTHON_PACKAGE"] == "*"
    assert app_folder(tmp_path, {NAME: "other"}).path == tmp_path / "other"


def test_a_member_with_the_name_of_the_upload_is_not_taken_for_it(tmp_path: Path) -> None:
    """An upload is often in a directory called workspace: nothing above it is read, and a path there is missing."""
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["workspace"]\n',
        "workspace/pyproject.toml": "",
        "requirements.txt": "-e ../elsewhere\n",
    }
    member = app_folder(write_app(tmp_path / "workspace", files), {NAME: "workspace"})
    settings = Settings(member.env)
    assert upload_around(member.path, settings) is None
    with pytest.raises(LocalSourceMissing, match="above the app directory"):
        check_local_sources(scan(member.path), "requirements.txt", settings)


def test_the_rest_of_the_upload_is_not_above_the_app(tmp_path: Path) -> None:
    """A project beside the folder is in the image; what is above the upload is not."""
    write_app(tmp_path, {"app/requirements.txt": "-e ../shared\n", "shared/setup.py": ""})
    project = scan(tmp_path / "app")
    assert check_local_sources(project, "requirements.txt", Settings({NAME: "app"})) == ()
    with pytest.raises(LocalSourceMissing, match="above the app directory"):
        check_local_sources(project, "requirements.txt", Settings({}))
    write_app(tmp_path, {"app/requirements.txt": "-e ../../elsewhere\n"})
    with pytest.raises(LocalSourceMissing):
        check_local_sources(scan(tmp_path / "app"), "requirements.txt", Settings({NAME: "app"}))


@pytest.mark.parametrize(
    ("value", "folder"),
    [
        *[("backend", "backend"), ("/backend/", "backend"), ("frontend", ""), ("/srv/projects", ""), ("../other", "")],
        *[("", ""), ("out", ""), ("x" * 5000, ""), ("frontend/package.json", "")],
    ],
)
def test_another_builders_name_counts_where_it_names_a_python_app(tmp_path: Path, value: str, folder: str) -> None:
    """An app may have a variable PROJECT_PATH of its own, which says something else."""
    write_app(tmp_path / "other", {"requirements.txt": ""})
    app = write_app(tmp_path / "app", {"backend/requirements.txt": "", "frontend/package.json": "{}"})
    (app / "out").symlink_to(tmp_path / "other")
    found = app_folder(app, {"PROJECT_PATH": value})
    assert found.path == app / folder
    assert found.env["PROJECT_PATH"] == value
    assert found.env.get("BP_PYTHON_SUBDIRECTORY", "") == folder
    assert app_folder(app, {"PROJECT_PATH": "frontend", "BP_PYTHON_SUBDIRECTORY": "backend"}).path == app / "backend"
