"""Which files of an installation a mirror takes, and which installations."""

import sys
from pathlib import Path

import pytest

from devkit.mirror.make import NoPythonToMirror, select_prefixes
from devkit.mirror.plan import fingerprint, plan_copies
from devkit.mirror.prefixes import Prefix, discover_prefixes, probe_prefix


def prefix_at(root: Path, version: str = "3.12.4", *, freethreaded: bool = False) -> Prefix:
    name = f"python{version.rpartition('.')[0]}"
    return Prefix(
        version, "x86_64", freethreaded, patched=False, root=root, executable=root / "bin" / name,
        stdlib=root / "lib" / name, include=root / "include" / name, libdir=root / "lib",
        library=f"lib{name}.so.1.0",
    )  # fmt: skip


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def targets(root: Path) -> set[str]:
    return {copy.target for copy in plan_copies(prefix_at(root))}


def test_tests_bytecode_and_static_libraries_stay_behind(tmp_path: Path) -> None:
    """Upstream's install_only archives have none of them, at whatever depth."""
    stdlib = "lib/python3.12"
    write(
        tmp_path, "bin/python3.12", f"{stdlib}/os.py", f"{stdlib}/__pycache__/os.cpython-312.pyc",
        f"{stdlib}/test/support/__init__.py", f"{stdlib}/lib2to3/tests/data.py", f"{stdlib}/idlelib/idle_test/a.py",
        f"{stdlib}/turtledemo/clock.py", f"{stdlib}/config-3.12/libpython3.12.a", f"{stdlib}/config-3.12/python.o",
        f"{stdlib}/lib-dynload/_testcapi.so", f"{stdlib}/lib-dynload/xxlimited.so", f"{stdlib}/lib-dynload/_ssl.so",
        f"{stdlib}/lib-dynload/_tkinter.so", f"{stdlib}/lib-dynload/_xxsubinterpreters.so",
    )  # fmt: skip
    kept = ("os.py", "config-3.12/python.o", "lib-dynload/_ssl.so", "lib-dynload/_xxsubinterpreters.so")
    assert targets(tmp_path) == {"bin/python3.12", *(f"{stdlib}/{name}" for name in kept)}


def test_of_what_was_installed_later_only_pip_comes_along(tmp_path: Path) -> None:
    """Neither this machine's packages and hooks (.pth) nor what a distribution adds reach an app."""
    packages = "lib/python3.12/site-packages"
    write(
        tmp_path, "bin/python3.12", "bin/pip3.12", "bin/flask", f"{packages}/pip/__init__.py",
        f"{packages}/pip/_vendor/tests/a.py", f"{packages}/pip-24.2.dist-info/METADATA", f"{packages}/README.txt",
        f"{packages}/pipenv/__init__.py", f"{packages}/pip_tools-7.dist-info/METADATA", f"{packages}/hook.pth",
        f"{packages}/flask/__init__.py", "lib/python3.12/EXTERNALLY-MANAGED", "lib/python3.12/sitecustomize.py",
    )  # fmt: skip
    pip = ("README.txt", "pip/__init__.py", "pip/_vendor/tests/a.py", "pip-24.2.dist-info/METADATA")
    assert targets(tmp_path) == {"bin/python3.12", "bin/pip3.12", *(f"{packages}/{name}" for name in pip)}


def test_of_a_shared_prefix_only_what_is_this_python_s_is_taken(tmp_path: Path) -> None:
    """/usr/local may hold several Pythons and anything else."""
    write(
        tmp_path, "bin/python3.12", "bin/python3.11", "bin/curl", "bin/python3.12-config", "bin/2to3-3.12", "bin/pip",
        "lib/libpython3.12.so.1.0", "lib/libpython3.11.so.1.0", "lib/libssl.so", "lib/pkgconfig/python-3.12.pc",
        "lib/pkgconfig/openssl.pc", "include/python3.12/Python.h", "include/openssl/ssl.h", "share/doc/x",
        "share/man/man1/python3.12.1", "share/man/man1/curl.1",
    )  # fmt: skip
    assert targets(tmp_path) == {
        "bin/python3.12", "bin/python3.12-config", "bin/2to3-3.12", "lib/libpython3.12.so.1.0",
        "lib/pkgconfig/python-3.12.pc", "include/python3.12/Python.h", "share/man/man1/python3.12.1",
    }  # fmt: skip


def test_pip_s_script_needs_pip(tmp_path: Path) -> None:
    """A script whose package stayed behind would only fail."""
    write(tmp_path, "bin/python3.12", "bin/pip3.12")
    assert targets(tmp_path) == {"bin/python3.12"}


def test_the_fingerprint_changes_with_content_place_and_recipe(tmp_path: Path) -> None:
    """An archive is made again when an installation was upgraded in place, and only then."""
    file, other = tmp_path / "a", tmp_path / "b"
    write(tmp_path, "a", "b")
    before = fingerprint([file], "1")
    assert before == fingerprint([file], "1")
    assert len({before, fingerprint([file], "2"), fingerprint([other], "1"), fingerprint([file, other], "1")}) == 4
    file.write_text("upgraded", encoding="utf-8")
    assert fingerprint([file], "1") != before


def test_versions_select_by_minor_or_exactly(tmp_path: Path) -> None:
    """3.1 is not a beginning of 3.12, and what the machine lacks is an error that says what it has."""
    prefixes = [prefix_at(tmp_path, version) for version in ("3.13.1", "3.12.4", "3.12.3")]
    chosen = [prefix.version for prefix in select_prefixes(prefixes, ["3.12", "3.13.1"])]
    assert chosen == ["3.13.1", "3.12.4", "3.12.3"]
    assert [prefix.version for prefix in select_prefixes(prefixes, ["3.12.3"])] == ["3.12.3"]
    for version in ("3.1", "3.14", "3.12.9"):
        with pytest.raises(NoPythonToMirror, match=r"this machine has 3\.13\.1, 3\.12\.4, 3\.12\.3"):
            select_prefixes(prefixes, [version])
    with pytest.raises(NoPythonToMirror):
        select_prefixes([], [])


def test_a_free_threaded_python_goes_by_its_own_name(tmp_path: Path) -> None:
    """The t is part of its executable's and directories' names, and upstream's word is in the inventory."""
    prefix = prefix_at(tmp_path, "3.13.1", freethreaded=True)
    assert (prefix.name, prefix.variant, prefix.minor) == ("python3.13t", "freethreaded", "3.13")


def test_an_interpreter_describes_itself_also_from_within_a_virtual_environment() -> None:
    """Asked through the environment's link, the Python that runs these tests names the installation behind it."""
    prefix = probe_prefix(Path(sys.executable))
    assert prefix is not None
    assert prefix.version == ".".join(map(str, sys.version_info[:3]))
    assert prefix.root == Path(sys.base_prefix)
    assert (prefix.stdlib / "os.py").is_file()
    assert prefix.executable.resolve() == prefix.executable


def test_programs_that_are_no_python_are_passed_over(tmp_path: Path) -> None:
    """A broken shim, a silent program or a missing one is no reason to fail."""
    for name, script in (("python3.12", "exit 127"), ("python3.11", "echo hello"), ("python3.10", "echo '[]'")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    assert discover_prefixes({"PATH": f"{tmp_path}:/nowhere:"}, tmp_path) == ()


def test_pythons_are_found_along_path_once_each(tmp_path: Path) -> None:
    """Links to one installation under several names give one prefix."""
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for folder, name in (("one", f"python{minor}"), ("one", "python3"), ("two", f"python{minor}")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).symlink_to(sys.executable)
    found = discover_prefixes({"PATH": f"{tmp_path}/one:{tmp_path}/two"}, tmp_path)
    assert [prefix.root for prefix in found] == [Path(sys.base_prefix)]
