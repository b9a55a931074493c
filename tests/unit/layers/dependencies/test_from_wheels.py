"""What configures an installation from wheels is as it was before the code of packages ran."""

import os
from pathlib import Path

from python_buildpack.layers.dependencies.from_wheels import Declarations, HomeDirectory


def test_what_was_written_into_the_home_directory_does_not_count(tmp_path: Path) -> None:
    """A new or changed file of configuration is not there for the programs, also one of the same size and time."""
    home, view = tmp_path / "home", tmp_path / "view"
    (home / ".config" / "uv").mkdir(parents=True)
    (home / ".netrc").write_text("honest", encoding="utf-8")
    (home / ".gitconfig").write_text("honest", encoding="utf-8")
    before = HomeDirectory.look({"HOME": str(home)})
    times = (home / ".gitconfig").stat()
    (home / ".gitconfig").write_text("hostil", encoding="utf-8")
    os.utime(home / ".gitconfig", ns=(times.st_atime_ns, times.st_mtime_ns))
    (home / ".config" / "uv" / "uv.toml").write_text("hostile", encoding="utf-8")
    assert before.unchanged(view, {}) == {"HOME": str(view)}
    elsewhere = before.unchanged(view, {"XDG_CONFIG_HOME": str(home / ".config")})
    assert elsewhere["XDG_CONFIG_HOME"] == str(view / ".config")
    assert [path.name for path in view.rglob("*") if not path.is_dir()] == [".netrc"]
    assert (view / ".netrc").read_text(encoding="utf-8") == "honest"


def test_an_environment_without_a_home_directory_stays_so(tmp_path: Path) -> None:
    """Nothing is made up."""
    assert HomeDirectory.look({}).unchanged(tmp_path / "view", {}) == {}
    assert HomeDirectory.look({"HOME": str(tmp_path / "absent")}).files == {}


def test_a_changed_declaration_is_put_back(tmp_path: Path) -> None:
    """It is seen by its content: that its times change means nothing, as the buildpack itself marks what is read.

    So is a new file of uv above the app's directory; one in it is removed as all that a build leaves there.
    """
    app = tmp_path / "app"
    (app / "requirements").mkdir(parents=True)
    names = ("requirements.txt", "requirements/web.pip", "main.py")
    for name in names:
        (app / name).write_text("honest", encoding="utf-8")
    os.mkfifo(app / "pipe.txt")
    before = Declarations.read(tmp_path)
    os.utime(app / "requirements.txt", (0, 0))
    (app / "main.py").write_text("changed", encoding="utf-8")
    (app / "uv.toml").touch()
    assert before.changed(app) == ()
    (app / "requirements" / "web.pip").write_text("hostil", encoding="utf-8")
    (app / "requirements.txt").unlink()
    (app / "requirements.txt").symlink_to("/etc/passwd")
    (tmp_path / "uv.toml").touch()
    changed = before.changed(app)
    assert changed == ("app/requirements.txt", "app/requirements/web.pip", "uv.toml")
    before.put_back(changed)
    assert before.changed(app) == ()
    assert not (app / "requirements.txt").is_symlink()
    assert not (tmp_path / "uv.toml").exists()
