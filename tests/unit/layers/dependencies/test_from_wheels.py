"""What configures an installation from wheels is as it was before the code of packages ran."""

import os
from pathlib import Path

from python_buildpack.layers.dependencies.from_wheels import HomeDirectory, changed_declarations, read_declarations


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
    assert before.unchanged(view) == {"HOME": str(view)}
    assert [path.name for path in view.rglob("*") if not path.is_dir()] == [".netrc"]
    assert (view / ".netrc").read_text(encoding="utf-8") == "honest"


def test_an_environment_without_a_home_directory_stays_so(tmp_path: Path) -> None:
    """Nothing is made up."""
    assert HomeDirectory.look({}).unchanged(tmp_path / "view") == {}
    assert HomeDirectory.look({"HOME": str(tmp_path / "absent")}).files == {}


def test_a_changed_declaration_is_seen(tmp_path: Path) -> None:
    """By its content: that its times change means nothing, as the buildpack itself marks what is read."""
    (tmp_path / "requirements").mkdir()
    for name in ("requirements.txt", "requirements/web.in", "main.py"):
        (tmp_path / name).write_text("honest", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.txt")
    before = read_declarations(tmp_path)
    os.utime(tmp_path / "requirements.txt", (0, 0))
    (tmp_path / "main.py").write_text("changed", encoding="utf-8")
    assert changed_declarations(before, read_declarations(tmp_path)) == ""
    (tmp_path / "requirements/web.in").write_text("hostil", encoding="utf-8")
    assert changed_declarations(before, read_declarations(tmp_path)) == "requirements/web.in"
