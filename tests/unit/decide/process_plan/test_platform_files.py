"""Files for other platforms: said once, with what to do here."""

from pathlib import Path

import pytest

from python_buildpack.app.project import scan
from python_buildpack.decide.file_names import notice_names
from python_buildpack.decide.process_plan import platform_files
from python_buildpack.decide.process_plan.platform_files import notice_platform_files
from python_buildpack.settings.values import Settings

REPOSITORY = Path(__file__).parents[4]


def texts(folder: Path, files: dict[str, str], **env: str) -> list[str]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [notice.text for notice in notice_platform_files(scan(folder), env)]


def test_all_are_named_in_one_notice(tmp_path: Path) -> None:
    """Packages of the operating system, and commands."""
    files = {"Aptfile": "libpq5\n", "packages.txt": "# fonts\nfonts-dejavu\n", "railway.json": "{}", "render.yaml": ""}
    (text,) = texts(tmp_path, files)
    assert all(name in text for name in files)
    assert "heroku/deb-packages" in text
    assert "BP_START_COMMAND" in text


@pytest.mark.parametrize(
    "files",
    [
        {"railway.json": "{}", "Procfile": "web: python app.py\n"},
        {"packages.txt": "Two parcels, sent on Monday.\n"},
        {"packages.txt": "# nothing yet\n"},
        {"app.py": ""},
    ],
    ids=["a Procfile has the commands", "a text about parcels", "a list without names", "none"],
)
def test_what_needs_no_word_gets_none(files: dict[str, str], tmp_path: Path) -> None:
    """An app may well have files for several platforms."""
    assert texts(tmp_path, files) == []


def test_a_variable_that_only_the_extension_reads_is_named(tmp_path: Path) -> None:
    """Without the extension in the builder it installs nothing."""
    (text,) = texts(tmp_path, {"app.py": ""}, BP_APT_PACKAGES="libpq5")
    assert text.startswith("No package in BP_APT_PACKAGES is installed. ")
    assert texts(tmp_path, {"app.py": ""}, BP_APT_PACKAGES=" ") == []


def test_app_json_is_not_said_to_be_unread_in_an_image_for_tests(tmp_path: Path) -> None:
    """Its test script is the process of such an image."""
    (tmp_path / "app.json").write_text("{}", encoding="utf-8")
    project = scan(tmp_path)
    assert len(notice_names(project, Settings({}))) == 1
    assert notice_names(project, Settings({"CNB_EXEC_ENV": "test"})) == ()


def test_versions_and_architectures_are_names_of_packages_as_in_the_extension(tmp_path: Path) -> None:
    """Else a list that the extension would install is passed over without a word."""
    (text,) = texts(tmp_path, {"packages.txt": "g++\nlibc6:amd64\nlibpq5=1:15.8-0+deb12u1\n"})
    assert text.startswith("No package in packages.txt")
    names = (REPOSITORY / "extensions/apt/bin/names").read_text(encoding="utf-8")
    assert f"PACKAGE='{platform_files._DEBIAN_NAME.pattern}'" in names  # noqa: SLF001 - the same fact twice
