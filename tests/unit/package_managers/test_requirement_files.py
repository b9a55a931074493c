"""What is read from requirements files before an installer sees them."""

from pathlib import Path

import pytest

from python_buildpack.app.project import Project, scan
from python_buildpack.package_managers.requirement_files import (
    RequirementsIncludeMissing,
    read_requirement_files,
    requirement_name,
)


def app(tmp_path: Path, **files: str) -> Project:
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return scan(tmp_path)


def test_includes_are_followed_from_where_they_stand(tmp_path: Path) -> None:
    """-r is relative to the file that says it, in every spelling that pip takes."""
    project = app(
        tmp_path,
        requirements_txt="-r requirements/base.txt\n--requirement=requirements/web.txt\nflask\n",
        requirements__base_txt="-rcommon.txt\nclick\n",
        requirements__common_txt="rich\n",
        requirements__web_txt="gunicorn\n",
    )
    files = read_requirement_files(project, "requirements.txt")
    assert set(files.files) == {
        "requirements.txt",
        "requirements/base.txt",
        "requirements/web.txt",
        "requirements/common.txt",
    }
    assert files.names == {"flask", "click", "rich", "gunicorn"}


def test_constraints_ask_for_nothing(tmp_path: Path) -> None:
    """A constraints file takes part in the key and names no dependency."""
    project = app(tmp_path, requirements_txt="-c pins.txt\nflask\n", pins_txt="django==5.0\n")
    files = read_requirement_files(project, "requirements.txt")
    assert files.names == {"flask"}
    assert "django==5.0" in [line.text for line in files.lines]


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    """A circle is read once."""
    project = app(tmp_path, requirements_txt="-r b.txt\nx\n", b_txt="-r requirements.txt\ny\n")
    assert read_requirement_files(project, "requirements.txt").names == {"x", "y"}


def test_a_missing_include_is_named_with_its_line(tmp_path: Path) -> None:
    """The message says which file wants which."""
    project = app(tmp_path, requirements_txt="flask\n\n-r base.txt\n")
    with pytest.raises(RequirementsIncludeMissing, match=r"requirements\.txt, line 3, includes base\.txt"):
        read_requirement_files(project, "requirements.txt")


def test_an_include_cannot_leave_the_app(tmp_path: Path) -> None:
    """A path out of the app directory is as good as missing."""
    (tmp_path / "outside.txt").write_text("flask\n", encoding="utf-8")
    (tmp_path / "app").mkdir()
    project = app(tmp_path / "app", requirements_txt="-r ../outside.txt\n")
    with pytest.raises(RequirementsIncludeMissing):
        read_requirement_files(project, "requirements.txt")


def test_comments_continuations_and_hashes(tmp_path: Path) -> None:
    """Logical lines are pip's: joined first, comments stripped after, a hash turns on hash-checking."""
    text = "# flask==1\nflask==3.0 \\\n  --hash=sha256:abc  # why\n\nrich # nice\n"
    files = read_requirement_files(app(tmp_path, requirements_txt=text), "requirements.txt")
    assert [line.number for line in files.lines] == [2, 5]
    assert files.is_hashed
    assert files.names == {"flask", "rich"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Flask>=2,<4", "flask"),
        ("Django_Rest.Framework==1", "django-rest-framework"),
        ("uvicorn[standard]==0.30 ; python_version > '3.8'", "uvicorn"),
        ("thing @ git+https://host/thing.git@v1", "thing"),
        ("-e git+https://host/thing.git@v1#egg=Thing_Two", "thing-two"),
        ("--index-url https://host/simple", None),
        ("./local/package", None),
        ("https://host/pkg-1.0-py3-none-any.whl", None),
    ],
)
def test_the_name_that_a_line_asks_for(text: str, name: str | None) -> None:
    """Names come out normalised; what says no name is left to the installer."""
    assert requirement_name(text) == name
