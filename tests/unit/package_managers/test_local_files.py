"""Requirements that name files and directories: where wheels are looked for, and whose content counts."""

from pathlib import Path

import pytest

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.package_managers.local_files import local_content, vendored_sources
from python_buildpack.package_managers.requirement_files import read_requirement_files


@pytest.mark.parametrize("line", ["--find-links vendor", "--find-links=vendor", "-f vendor", "-f 'vendor'"])
def test_directories_are_relative_to_the_file_that_names_them(line: str, tmp_path: Path) -> None:
    """As pip has it, in all ways of writing it; addresses are left to the installer."""
    files = {"requirements.txt": "--no-index\n-r sub/more.txt\n", "sub/more.txt": f"{line}\n-f https://host/x\na==1\n"}
    app = write_app(tmp_path, files)
    lines = read_requirement_files(scan(app), "requirements.txt").lines
    assert vendored_sources(lines, app) == ("--no-index", "--find-links", str(app / "sub" / "vendor"))


def test_without_no_index_nothing_is_left_out(tmp_path: Path) -> None:
    """The index still counts, so it is asked."""
    app = write_app(tmp_path, {"requirements.txt": "--find-links vendor\na==1\n"})
    assert vendored_sources(read_requirement_files(scan(app), "requirements.txt").lines, app) == ()


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("requests", False),
        ("./requests", False),
        ("./lib/made-1.0.zip", True),
        ("made-1.0.whl ; python_version > '3'", True),
    ],
)
def test_archives_count_by_their_content(line: str, *, counts: bool, tmp_path: Path) -> None:
    """Pip takes a word without a slash for a name on the index; what is read of a folder is seen."""
    files = dict.fromkeys(("requests/views.py", "lib/made-1.0.zip", "made-1.0.whl"), "x = 1\n")
    app = write_app(tmp_path, {"requirements.txt": f"{line}\n", **files})
    lines = read_requirement_files(scan(app), "requirements.txt").lines
    assert bool(local_content(app, lines)) is counts
