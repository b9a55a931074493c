"""A Pipfile.lock without Pipenv: its lines, and whether it fits its Pipfile."""

import json
from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import Project, scan
from python_buildpack.package_managers.locked_list import Unsupported
from python_buildpack.package_managers.pipfile_lock import local_directories, locked_lines

PIPFILE = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
Click = "*"

[dev-packages]

[metrics]
packaging = {version = "*", markers = "python_version >= '3.8'"}
"""
DIGEST = "83e6a34fcb001eab55f50f4f9af51dc5afa8ba4bbebbcef0eb11030ceb578e8c"
"""As Pipenv 2026.10.3 wrote it for this Pipfile."""


def locked(folder: Path, default: dict[str, object], digest: str = DIGEST, **sections: object) -> Project:
    """Return an app with this lock."""
    meta = {"hash": {"sha256": digest}, "pipfile-spec": 6, "requires": {}, "sources": []}
    document = {"_meta": meta, "default": default, "develop": {}, **sections}
    return scan(write_app(folder, {"Pipfile": PIPFILE, "Pipfile.lock": json.dumps(document), "libs/own/setup.py": ""}))


def test_the_lines_are_those_that_pipenv_prints(tmp_path: Path) -> None:
    """Extras, markers and hashes; a directory is editable if the lock says so; the last section counts."""
    default = {
        "click": {"version": "==8.1.0", "hashes": ["sha256:a", "sha256:b"], "markers": "python_version >= '3.7'"},
        "httpx": {"version": "==1.0", "extras": ["http2", "cli"], "index": "pypi"},
        "own": {"path": "./libs/own", "editable": True},
        "copied": {"path": "libs/own"},
        "archive": {"file": "vendor/x.whl", "editable": True},
        "both": {"version": "==1.0"},
    }
    project = locked(tmp_path, default, metrics={"both": {"version": "==2.0"}})
    assert locked_lines(project, ["default", "metrics"]) == [
        "click==8.1.0; python_version >= '3.7' --hash=sha256:a --hash=sha256:b",
        "httpx[http2,cli]==1.0",
        "-e ./libs/own",
        "libs/own",
        "vendor/x.whl",
        "both==2.0",
    ]
    assert list(local_directories(project)) == ["./libs/own", "libs/own"]


def test_names_may_be_written_differently(tmp_path: Path) -> None:
    """Pipenv too takes Click for click, in any table of packages."""
    project = locked(tmp_path, {})
    text = PIPFILE.replace("Click", "CLICK").replace("packaging", "Packaging")
    write_app(tmp_path, {"Pipfile": text})
    assert locked_lines(scan(tmp_path), ["default"]) == locked_lines(project, ["default"]) == []


@pytest.mark.parametrize(
    "details",
    [
        {"git": "https://git.example/x.git", "ref": "abc"},
        {"version": "*"},
        {"version": "==1.0", "os_markers": "sys_platform == 'win32'"},
        "==1.0",
        None,
    ],
)
def test_what_is_rare_is_left_to_pipenv(tmp_path: Path, details: object) -> None:
    """Repositories, ranges, and what only old releases wrote."""
    with pytest.raises(Unsupported):
        locked_lines(locked(tmp_path, {"x": details}), ["default"])


def test_a_lock_that_does_not_fit_is_left_to_pipenv(tmp_path: Path) -> None:
    """It refuses the lock with its own words. Without a Pipfile, nothing can be out of date."""
    project = locked(tmp_path, {}, "0" * 64)
    with pytest.raises(Unsupported):
        locked_lines(project, ["default"])
    (tmp_path / "Pipfile").unlink()
    assert locked_lines(scan(tmp_path), ["default"]) == []
