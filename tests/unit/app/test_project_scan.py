"""Reading an app directory: everything that people put there, and nothing that breaks the reader."""

import os
from pathlib import Path

import pytest

from python_buildpack.app.project import MAX_ENTRIES, ProjectFileUnreadable, scan
from python_buildpack.app.upload import upload_around
from python_buildpack.settings.values import Settings


def test_text_is_the_same_whoever_wrote_it(tmp_path: Path) -> None:
    """Byte order marks and Windows line ends do not reach the parsers."""
    (tmp_path / "requirements.txt").write_bytes(b"\xef\xbb\xbfflask\r\ngunicorn\r")
    assert scan(tmp_path).text("requirements.txt") == "flask\ngunicorn\n"


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    """Asking for what is not there is no error."""
    assert scan(tmp_path).text("requirements.txt") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("flask\n".encode("utf-16"), "UTF-16"),
        ("python-3.12.4\r\n".encode("utf-16-le"), "UTF-16"),
        ("python-3.12.4".encode("utf-16-be"), "UTF-16"),
        (b"flask\nk\xe4se\n", "byte 0xe4 in line 2"),
        (b"fl\0ask", "NUL"),
        (b"x" * (4 * 1024 * 1024 + 1), "larger than 4 MB"),
    ],
)
def test_what_is_not_text_is_named_when_it_is_needed(tmp_path: Path, content: bytes, reason: str) -> None:
    """The scan succeeds; asking for the text raises an error that says what is wrong with it."""
    (tmp_path / "runtime.txt").write_bytes(content)
    project = scan(tmp_path)
    with pytest.raises(ProjectFileUnreadable, match=reason):
        project.text("runtime.txt")


def test_requirements_are_read_in_utf_16_as_pip_and_uv_read_them(tmp_path: Path) -> None:
    """``pip freeze > requirements.txt`` in PowerShell; without the mark, or cut in the middle, it is nobody's text."""
    (tmp_path / "requirements.txt").write_bytes("flask==3.1.0\r\n".encode("utf-16"))
    (tmp_path / "cut.txt").write_bytes("flask".encode("utf-16")[:-1])
    (tmp_path / "unmarked.txt").write_bytes("flask".encode("utf-16-le"))
    project = scan(tmp_path)
    assert project.text("requirements.txt") == "flask==3.1.0\n"
    for name in ("cut.txt", "unmarked.txt"):
        with pytest.raises(ProjectFileUnreadable, match="UTF-16"):
            project.text(name)


def test_a_directory_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    """A directory called requirements.txt gets a message of its own."""
    (tmp_path / "requirements.txt").mkdir()
    with pytest.raises(ProjectFileUnreadable, match="is a directory"):
        scan(tmp_path).text("requirements.txt")


def test_a_fifo_does_not_hang_the_build(tmp_path: Path) -> None:
    """What is no regular file is not waited for."""
    os.mkfifo(tmp_path / "runtime.txt")
    with pytest.raises(ProjectFileUnreadable, match="not a regular file"):
        scan(tmp_path).text("runtime.txt")


def test_links_in_circles_and_into_nothing_are_survived(tmp_path: Path) -> None:
    """A link to a directory is not followed; a dangling one is unreadable, not fatal."""
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "requirements.txt").symlink_to("nowhere/at/all")
    project = scan(tmp_path)
    assert not any(path.startswith("loop/") for path in project.files)
    with pytest.raises(ProjectFileUnreadable, match="No such file"):
        project.text("requirements.txt")


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "/nowhere/at/all", "/dev/zero", "inside/../../secret"])
@pytest.mark.parametrize(
    "name", ["requirements.txt", "pyproject.toml", "uv.lock", "Procfile", ".python-version", "deps/base.in", "setup.py"]
)
def test_a_link_that_leads_out_of_the_app_is_not_followed(tmp_path: Path, name: str, target: str) -> None:
    """The files of the build image, and what is beside the app, are not its own; nor is said whether they exist."""
    app = tmp_path / "app"
    (app / "deps").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (app / name).symlink_to(target if target.startswith("/") else f"{'../' * name.count('/')}{target}")
    with pytest.raises(ProjectFileUnreadable, match="is a link that leads out of the app"):
        scan(app).text(name)


def test_sources_and_included_files_are_confined_as_well(tmp_path: Path) -> None:
    """Also by way of a folder that is a link, or of a path that climbs; a link within the app is followed."""
    app = tmp_path / "app"
    app.mkdir()
    (tmp_path / "secret.list").write_text("secret", encoding="utf-8")
    (tmp_path / "main.py").write_text("secret", encoding="utf-8")
    (app / "main.py").symlink_to("../main.py")
    (app / "out").symlink_to("..")
    (app / "real.txt").write_text("flask", encoding="utf-8")
    (app / "requirements.txt").symlink_to("real.txt")
    project = scan(app)
    assert project.sources == {}
    assert "leads out" in project.unread["main.py"]
    assert project.script("main.py") is None
    assert project.script("main\0.py") is None
    assert project.text("requirements.txt") == "flask"
    for path in ("out/secret.list", "out/app/../secret.list"):
        with pytest.raises(ProjectFileUnreadable, match="leads out"):
            project.text(path)


def test_a_folder_of_an_upload_may_link_to_the_rest_of_it(tmp_path: Path) -> None:
    """BP_PYTHON_SUBDIRECTORY chooses the folder; what is outside of the upload stays outside."""
    app = tmp_path / "upload" / "backend"
    app.mkdir(parents=True)
    (tmp_path / "upload" / "common.txt").write_text("flask", encoding="utf-8")
    (app / "requirements.txt").symlink_to("../common.txt")
    (app / "runtime.txt").symlink_to("../../runtime.txt")
    upload = upload_around(app, Settings({"BP_PYTHON_SUBDIRECTORY": "backend/"}))
    project = scan(app, upload)
    assert project.text("requirements.txt") == "flask"
    with pytest.raises(ProjectFileUnreadable, match="leads out"):
        project.text("runtime.txt")


def test_a_committed_environment_is_seen_by_its_marker_alone(tmp_path: Path) -> None:
    """Whatever it is called, its 20,000 files are not read."""
    packages = tmp_path / "myenv" / "lib" / "python3.9" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "flask.py").write_text("app = 1\n", encoding="utf-8")
    (tmp_path / "myenv" / "pyvenv.cfg").write_text("home = /usr\n", encoding="utf-8")
    project = scan(tmp_path)
    assert "myenv/pyvenv.cfg" in project.files
    assert not any(path.startswith("myenv/lib") for path in project.files)


def test_the_scan_is_bounded_and_says_so(tmp_path: Path) -> None:
    """A tree without end ends the scan, at the deep end: what is near was read."""
    deep = tmp_path / "data"
    deep.mkdir()
    for number in range(MAX_ENTRIES + 10):
        os.mknod(f"{deep}/{number}")
    (tmp_path / "zz.py").write_text("x = 1\n", encoding="utf-8")
    project = scan(tmp_path)
    assert "zz.py" in project.sources
    assert project.stopped is not None
    assert str(MAX_ENTRIES) in project.stopped


def test_a_file_named_by_another_file_is_read_on_demand_within_the_app(tmp_path: Path) -> None:
    """Requirements may live under any name, but not outside the app."""
    (tmp_path / "app").mkdir()
    (tmp_path / "secret").write_text("x\n", encoding="utf-8")
    (tmp_path / "app" / "prod.list").write_text("flask\n", encoding="utf-8")
    project = scan(tmp_path / "app")
    assert project.text("prod.list") == "flask\n"
    assert project.text("../secret") is None


@pytest.mark.parametrize("folder", [".heroku/python/lib", ".venv/lib", ".git", "shop/.cache"])
def test_hidden_folders_hold_nothing_of_the_app(folder: str, tmp_path: Path) -> None:
    """Whatever tool made one: its files are not the app's. A hidden file is, and a virtual environment is noticed."""
    hidden = tmp_path / folder
    hidden.mkdir(parents=True)
    (hidden / "app.py").write_text("app = 1\n", encoding="utf-8")
    (tmp_path / ".flaskenv").write_text("FLASK_APP=a\n", encoding="utf-8")
    first = folder[: folder.index("/", 1)] if folder[0] == "." and "/" in folder else folder
    (tmp_path / first / "pyvenv.cfg").write_text("home = x\n", encoding="utf-8")
    assert scan(tmp_path).files == {".flaskenv", f"{first}/pyvenv.cfg"}
