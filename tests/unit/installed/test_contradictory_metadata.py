"""Metadata that says two things about one package is an error; odd spellings of honest packages are not."""

from pathlib import Path

import pytest

from python_buildpack.installed.contradictory_metadata import MetadataContradictory, check_metadata


def metadata(site: Path, folder: str, name: str, version: str, *others: str) -> None:
    """Write a metadata directory whose RECORD lists ``others`` too."""
    (site / folder).mkdir()
    (site / folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nLong\n")
    (site / folder / "RECORD").write_text("".join(f"{path},,\n" for path in (f"{folder}/METADATA", *others)))


@pytest.mark.parametrize(
    ("folder", "name", "version"),
    [
        ("flask-3.0.3.dist-info", "Flask", "3.0.3"),
        ("ruamel_yaml-0.18.6.dist-info", "ruamel.yaml", "0.18.6"),
        ("ruamel.yaml-0.18.6.dist-info", "ruamel.yaml", "0.18.6"),
        ("torch-2.5.1+cu121.dist-info", "torch", "2.5.1+cu121"),
        ("torch-2.5.1_cu121.dist-info", "torch", "2.5.1+cu121"),
        ("prices-1.0b2.dist-info", "prices", "1.0-beta2"),
        ("prices-1.0.dist-info", "prices", "1.0.0"),
        ("old-name-1.0.dist-info", "old-name", "1.0"),
        ("pytz-2004a.dist-info", "pytz", "2004a"),
    ],
)
def test_spellings_of_one_name_and_version_agree(tmp_path: Path, folder: str, name: str, version: str) -> None:
    """Directories are named by tools of every age."""
    metadata(tmp_path, folder, name, version)
    check_metadata(tmp_path)


@pytest.mark.parametrize(("name", "version"), [("jinja2", "3.1.6"), ("markupsafe", "2.11.2"), ("", "")])
def test_metadata_of_another_package_is_named(tmp_path: Path, name: str, version: str) -> None:
    """With the package that wrote it."""
    metadata(tmp_path, "jinja2-2.11.2.dist-info", name, version)
    metadata(tmp_path, "thief-1.0.dist-info", "thief", "1.0", "jinja2-2.11.2.dist-info/METADATA")
    with pytest.raises(MetadataContradictory) as raised:
        check_metadata(tmp_path)
    expected = f"{name} {version}".strip() or "nothing"
    assert f"jinja2-2.11.2.dist-info (which thief 1.0 wrote) has a METADATA that names {expected}." in str(raised.value)


def test_two_directories_of_one_package_are_named(tmp_path: Path) -> None:
    """Whatever each says of itself, and however the name is spelt."""
    metadata(tmp_path, "Jinja2-2.11.2.dist-info", "Jinja2", "2.11.2")
    metadata(tmp_path, "jinja2-1.0.dist-info", "jinja2", "1.0")
    metadata(tmp_path, "thief-1.0.dist-info", "thief", "1.0", "jinja2-1.0.dist-info/METADATA")
    with pytest.raises(MetadataContradictory) as raised:
        check_metadata(tmp_path)
    assert "Jinja2-2.11.2.dist-info, jinja2-1.0.dist-info (which thief 1.0 wrote)" in str(raised.value)
