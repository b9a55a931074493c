"""What a program of the build changes in the files with logins and keys is undone."""

from pathlib import Path

import pytest

from python_buildpack.secrets.private_files import FOLDER, HomeFiles, PrivateFiles


def test_changed_files_are_put_back(tmp_path: Path) -> None:
    """Also if the directory is another one now; new files are removed."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "ssh_config").write_text("honest", encoding="utf-8")
    (folder / "netrc").write_text("honest", encoding="utf-8")
    before = PrivateFiles.read(tmp_path)
    assert not before.put_back()
    (folder / "ssh_config").write_text("ProxyCommand hostile", encoding="utf-8")
    (folder / "netrc").unlink()
    (folder / "new").touch()
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert before.put_back()
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        "ssh_config": "honest",
        "netrc": "honest",
    }
    assert not folder.is_symlink()
    assert (folder / "netrc").stat().st_mode & 0o777 == 0o600


def test_a_build_without_such_files_has_none(tmp_path: Path) -> None:
    """A directory of that name that a program made is removed."""
    before = PrivateFiles.read(tmp_path)
    assert not before.put_back()
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "ssh_config").touch()
    assert before.put_back()
    assert not (tmp_path / FOLDER).exists()


def test_the_installers_files_in_the_home_directory_are_put_back(tmp_path: Path) -> None:
    """Those that were there with their content, and no others; other files are left."""
    (tmp_path / ".netrc").write_text("honest", encoding="utf-8")
    before = HomeFiles.read(tmp_path, {"HOME": str(tmp_path)})
    (tmp_path / ".netrc").write_text("hostile", encoding="utf-8")
    for name in (".gitconfig", ".config/uv/uv.toml", ".cargo/config.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    before.put_back()
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {".netrc", ".cargo/config.toml"}
    assert (tmp_path / ".netrc").read_text(encoding="utf-8") == "honest"


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("XDG_CONFIG_HOME", "{}/settings", "settings/git/config"),
        ("GIT_CONFIG_GLOBAL", "{}/git.ini", "git.ini"),
        ("UV_CONFIG_FILE", "own/uv.toml", "own/uv.toml"),
        ("POETRY_CONFIG_DIR", "{}/poetry", "poetry/config.toml"),
    ],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_files_that_variables_name_are_put_back(
    variable: str, value: str, path: str, is_there: bool, tmp_path: Path
) -> None:
    """Wherever they are, and from the app's directory if the name is relative."""
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if is_there:
        file.write_text("honest", encoding="utf-8")
    before = HomeFiles.read(tmp_path, {variable: value.format(tmp_path)})
    file.write_text("hostile", encoding="utf-8")
    before.put_back()
    assert (file.read_text(encoding="utf-8") if file.exists() else None) == ("honest" if is_there else None)
