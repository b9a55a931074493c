"""Text files that name the place where an interpreter was installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from devkit.mirror.texts import (
    UPSTREAM_PREFIX,
    describe_relative_to_prefix,
    hide_multiarch,
    hide_prefix,
    use_neighbour,
)

ROOT = Path("/home/me/.pyenv/versions/3.12.4")


def test_a_script_starts_the_interpreter_beside_it_from_wherever_it_is(tmp_path: Path) -> None:
    """Also through a link, with a space in the path, and with its arguments as they were."""
    home = tmp_path / "a place" / "bin"
    home.mkdir(parents=True)
    (home / "python3.12").symlink_to(sys.executable)
    script = home / "pip3.12"
    script.write_text(use_neighbour(f"#!{ROOT}/bin/python3.12\nimport sys\nprint(sys.argv[1:])\n", "python3.12"))
    script.chmod(0o755)
    (tmp_path / "link").symlink_to(script)
    finished = subprocess.run([tmp_path / "link", "a b", "$c"], capture_output=True, text=True, check=True)
    assert finished.stdout == "['a b', '$c']\n"


@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/usr/bin/env python3", "no shebang"])
def test_scripts_that_work_anywhere_are_left_alone(first: str) -> None:
    """Shell scripts, and those that ask env(1)."""
    assert use_neighbour(f"{first}\nrest\n", "python3.12") == f"{first}\nrest\n"


def test_a_path_below_pyenv_is_not_taken_for_env() -> None:
    """The directory .pyenv ends like the program's name."""
    assert use_neighbour(f"#!{ROOT}/bin/python3.12\n", "python3.12").startswith("#!/bin/sh\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"'BINDIR': '{ROOT}/bin',", "'BINDIR': '/install/bin',"),
        (f"'prefix': '{ROOT}',", "'prefix': '/install',"),
        (f"-L{ROOT}/lib -I{ROOT}/include", "-L/install/lib -I/install/include"),
        (f"'{ROOT}/lib -Wl,-rpath,{ROOT}/lib'", "'/install/lib '"),
        (f"'LDFLAGS=-L{ROOT}/lib -Wl,-rpath,{ROOT}/lib' 'x'", "'LDFLAGS=-L/install/lib ' 'x'"),
        (f"LIBS= -Wl,-rpath,{ROOT}/lib\nNEXT= 1\n", "LIBS= \nNEXT= 1\n"),
        (f"{ROOT}1/lib and {ROOT}.1/lib", f"{ROOT}1/lib and {ROOT}.1/lib"),
    ],
)
def test_the_prefix_becomes_upstream_s_and_run_paths_go(text: str, expected: str) -> None:
    """What unpacks upstream's archives then finds here the words that it knows."""
    assert hide_prefix(text, ROOT, UPSTREAM_PREFIX) == expected


def test_of_usr_only_the_python_s_own_places_are_rewritten() -> None:
    """Where Python is the distribution's, /usr is also everybody else's."""
    text = (
        "'/usr' '/usr/bin/install -c' '/usr/lib/python3.11' '/usr/bin/python3.11' prefix=/usr\nTZ='/usr/share/zoneinfo'"
    )
    expected = "'/install' '/usr/bin/install -c' '/install/lib/python3.11' '/install/bin/python3.11' prefix=/install\n"
    assert hide_prefix(text, Path("/usr"), UPSTREAM_PREFIX) == f"{expected}TZ='/usr/share/zoneinfo'"


def test_pkg_config_files_name_a_place_once() -> None:
    """Whoever rewrites the line prefix= has rewritten all."""
    text = (
        f"prefix={ROOT}\nlibdir={ROOT}/lib\nLibs.private: -ldl -L{ROOT}/lib -Wl,-rpath,{ROOT}/lib\nCflags: -I${{x}}\n"
    )
    expected = "prefix=/install\nlibdir=${prefix}/lib\nLibs.private: -ldl -L${prefix}/lib\nCflags: -I${x}\n"
    assert describe_relative_to_prefix(text, ROOT) == expected


def test_debians_names_for_its_tools_do_not_reach_an_archive() -> None:
    """Compilers by their plain names, libraries below the prefix, as in upstream's builds."""
    text = (
        "{'CC': 'x86_64-linux-gnu-gcc', 'CXX': 'x86_64-linux-gnu-g++ -pthread', 'LIBDIR': '/usr/lib/x86_64-linux-gnu'}"
    )
    assert hide_multiarch(text) == "{'CC': 'gcc', 'CXX': 'g++ -pthread', 'LIBDIR': '/install/lib'}"
