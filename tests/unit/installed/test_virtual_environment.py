"""A virtual environment stays the one of its interpreter, whatever packages bring."""

import subprocess
import sys
from pathlib import Path

from python_buildpack.installed.virtual_environment import create_environment, look_at_environment, put_back
from python_buildpack.ports.commands import SubprocessRunner


def test_a_script_of_a_package_does_not_take_the_place_of_python(tmp_path: Path) -> None:
    """Under any of its names, as a file or a link; nor do other settings of the environment. Other scripts stay."""
    venv = tmp_path / "venv"
    create_environment(Path(sys.executable), venv, {}, SubprocessRunner())
    seen = look_at_environment(venv)
    assert put_back(venv, seen) == ()
    for name in ("python", "python3"):
        (venv / "bin" / name).unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\necho hostile\n", encoding="utf-8")
    (venv / "bin" / "python").chmod(0o755)
    (venv / "bin" / "python3").symlink_to("/bin/sh")
    (venv / "bin" / "tool").write_text("#!/bin/sh\n", encoding="utf-8")
    (venv / "pyvenv.cfg").write_text("home = /tmp\n", encoding="utf-8")

    assert sorted(put_back(venv, seen)) == ["bin/python", "bin/python3", "pyvenv.cfg"]
    assert look_at_environment(venv) == seen
    assert (venv / "bin" / "tool").exists()
    for name in ("python", "python3"):
        argv = (str(venv / "bin" / name), "-I", "-c", "import sys; print(sys.prefix)")
        assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip() == str(venv)


def test_an_environment_without_its_programs_gets_them_back(tmp_path: Path) -> None:
    """Code that a package runs while it is built can replace the whole directory."""
    venv = tmp_path / "venv"
    create_environment(Path(sys.executable), venv, {}, SubprocessRunner())
    seen = look_at_environment(venv)
    (venv / "bin").rename(tmp_path / "bin")
    (venv / "pyvenv.cfg").unlink()
    put_back(venv, seen)
    assert look_at_environment(venv) == seen
