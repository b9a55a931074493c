"""What is read from requirements files before an installer sees them."""

from pathlib import Path

import pytest

from cnb.errors import BuildpackError
from python_buildpack.app.project import Project, scan
from python_buildpack.decide.early import KnownEarly
from python_buildpack.package_managers.pip_needed import reason_for_pip
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.package_managers.requirement_files import (
    RequirementsIncludeMissing,
    read_requirement_files,
    requirement_name,
)
from python_buildpack.package_managers.variables_in_files import VariableUnset
from python_buildpack.settings.values import Settings


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
    assert set(files.required) == {"flask", "click", "rich", "gunicorn"}


def test_constraints_ask_for_nothing(tmp_path: Path) -> None:
    """A constraints file takes part in the key and names no dependency."""
    project = app(tmp_path, requirements_txt="-c pins.txt\nflask\n", pins_txt="django==5.0\n")
    files = read_requirement_files(project, "requirements.txt")
    assert files.required == ("flask",)
    assert "django==5.0" in [line.text for line in files.lines]


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    """A circle is read once."""
    project = app(tmp_path, requirements_txt="-r b.txt\nx\n", b_txt="-r requirements.txt\ny\n")
    assert set(read_requirement_files(project, "requirements.txt").required) == {"x", "y"}


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
    assert [requirement_name(text) for text in files.required] == ["flask", "rich"]


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


def test_variables_in_the_path_of_an_included_file_have_the_builds_values(tmp_path: Path) -> None:
    """Pip and uv replace ${NAME} in every line; one that the build has not is named, with the line."""
    project = app(
        tmp_path, requirements_txt="x\n-r ${DIR}/b.txt\n-c ${DIR}/c.txt\n", deps__b_txt="y\n", deps__c_txt="z<2\n"
    )
    manager = manager_named("requirements.txt", Settings({"DIR": "deps"}))
    assert manager.name == "requirements.txt"
    assert manager.declared(project) == {"x", "y"}
    assert "deps/c.txt:z<2" in manager.declaration(project)
    with pytest.raises(VariableUnset, match=r"requirements\.txt, line 2 needs the value of the variable DIR"):
        manager_named("requirements.txt").declared(project)
    assert read_requirement_files(project, "requirements.txt").required == (
        "x",
        "-r ${DIR}/b.txt",
        "-c ${DIR}/c.txt",
    )


def test_an_override_may_choose_between_two_pins(tmp_path: Path) -> None:
    """With UV_OVERRIDE, uv takes its version instead of those that contradict each other."""
    project = app(tmp_path, requirements_txt="flask==2.0\n-r b.txt\n", b_txt="flask==3.0\n")
    manager_named("requirements.txt", Settings({"UV_OVERRIDE": "over.txt"})).check(KnownEarly(project, Settings({})))
    with pytest.raises(BuildpackError, match="pins flask to another version"):
        manager_named("requirements.txt").check(KnownEarly(project, Settings({})))


def test_requirements_are_read_in_the_encoding_that_a_comment_declares(tmp_path: Path) -> None:
    """As pip does (PEP 263), which then has to install them: uv reads UTF-8 only."""
    text = "# -*- coding: latin-1 -*-\n# f\u00fcr die Schule\nflask\n"
    (tmp_path / "requirements.txt").write_bytes(text.encode("latin-1"))
    project = scan(tmp_path)
    files = read_requirement_files(project, "requirements.txt")
    assert files.required == ("flask",)
    assert "encoding that a comment in it declares" in (reason_for_pip(project, files, {}) or "")
    for same in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("ascii", "ignore")):
        (tmp_path / "requirements.txt").write_bytes(same)
        project = scan(tmp_path)
        assert reason_for_pip(project, read_requirement_files(project, "requirements.txt"), {}) is None


def test_text_with_nul_is_read_in_no_declared_encoding(tmp_path: Path) -> None:
    """It is no text, and to read a megabyte as punycode takes hours."""
    (tmp_path / "requirements.txt").write_bytes(b"# coding: punycode\nflask\0-abc\n")
    with pytest.raises(BuildpackError, match="NUL"):
        read_requirement_files(scan(tmp_path), "requirements.txt")


def test_items_of_a_list_in_yaml_are_no_requirements(tmp_path: Path) -> None:
    """Copied from Conda's file: pip takes them for options and installs nothing, without a word."""
    project = app(tmp_path, requirements_txt="- ccxt\n- streamlit>=1.36.0\nflask\n-e .\n-i https://host/simple\n")
    with pytest.raises(BuildpackError, match=r"line 1, is an item of a list .* line 2, is an item") as raised:
        manager_named("requirements.txt").check(KnownEarly(project, Settings({})))
    assert "line 4" not in str(raised.value)
