"""What goes and what stays when an interpreter is made slim."""

from pathlib import Path

import pytest

from python_buildpack.interpreters.slim import PARTS, Part, slim

LIBRARY = "lib/python3.13"
GOES = (
    "bin/2to3-3.13",
    "bin/idle3.13",
    "bin/pip3",
    "bin/pydoc3",
    "lib/itcl4.3.5/x",
    "lib/libtcl9.0.so",
    "lib/libtcl9tk9.0.so",
    "lib/tcl9/x",
    "lib/tk9.0/x",
    "lib/thread3.0.4/x",
    f"{LIBRARY}/config-3.13-x/libpython3.13.a",
    f"{LIBRARY}/ctypes/test/x.py",
    f"{LIBRARY}/ensurepip/x",
    f"{LIBRARY}/idlelib/x.py",
    f"{LIBRARY}/lib-dynload/_testcapi.so",
    f"{LIBRARY}/lib-dynload/_tkinter.so",
    f"{LIBRARY}/pydoc_data/topics.py",
    f"{LIBRARY}/site-packages/pip/x.py",
    f"{LIBRARY}/site-packages/README.txt",
    f"{LIBRARY}/test/x.py",
    f"{LIBRARY}/tkinter/x.py",
    f"{LIBRARY}/turtle.py",
    f"{LIBRARY}/turtledemo/x.py",
    "share/man/man1/python3.13.1",
    "share/terminfo/w/wyse60",
)
STAYS = (
    "bin/python",
    "bin/python3.13",
    "bin/python3.13-config",
    "include/python3.13/Python.h",
    "lib/libpython3.13.so.1.0",
    "lib/pkgconfig/python-3.13.pc",
    f"{LIBRARY}/config-3.13-x/Makefile",
    f"{LIBRARY}/lib-dynload/_ssl.so",
    f"{LIBRARY}/lib2to3/pytree.py",
    f"{LIBRARY}/os.py",
    f"{LIBRARY}/pydoc.py",
    f"{LIBRARY}/threading.py",
    f"{LIBRARY}/unittest/case.py",
    f"{LIBRARY}/venv/__main__.py",
    "share/terminfo/d/dumb",
    "share/terminfo/x/xterm-256color",
)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Return a tree with one file of every kind."""
    for name in (*GOES, *STAYS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def files_in(prefix: Path) -> list[str]:
    return sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir())


def test_what_no_app_uses_goes(prefix: Path) -> None:
    """Everything in the table goes; what apps import, link or compile against stays."""
    slim(prefix, LIBRARY)

    assert files_in(prefix) == sorted(STAYS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_part_removes_something(prefix: Path, part: Part) -> None:
    """No line of the table is dead, and each has its reason."""
    slim(prefix, LIBRARY, (part,))

    assert len(files_in(prefix)) < len(GOES) + len(STAYS)
    assert part.because


def test_a_link_is_removed_and_not_what_it_points_to(prefix: Path) -> None:
    """A part may be a symbolic link to something that stays."""
    (prefix / "bin/pip").symlink_to("python3.13")
    (prefix / LIBRARY / "other").mkdir()
    (prefix / LIBRARY / "email").mkdir(exist_ok=True)
    (prefix / LIBRARY / "email" / "tests").symlink_to("../other")

    slim(prefix, LIBRARY)

    assert (prefix / "bin/python3.13").exists()
    assert (prefix / LIBRARY / "other").is_dir()
    assert not (prefix / LIBRARY / "email" / "tests").is_symlink()
