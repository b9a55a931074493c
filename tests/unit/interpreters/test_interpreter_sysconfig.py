"""What an interpreter says about itself, corrected: on texts as upstream ships them."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from python_buildpack.interpreters.archive import ArchiveCorrupt
from python_buildpack.interpreters.sysconfig import patch_sysconfig

FINAL = Path("/layers/terrarium_python/python/cpython")
LIBRARY = "lib/python3.13"

VARIABLES = {
    "AR": "/tools/llvm/bin/llvm-ar",
    "BINDIR": "/install/bin",
    "BLDSHARED": "clang -pthread -shared  -Wl,--exclude-libs,ALL -LModules/_hacl",
    "CC": "clang -pthread",
    "CONFIG_ARGS": "'--prefix=/install' 'LDFLAGS=-L/install/lib ' '--with-openssl=/tools/deps'",
    "CXX": "clang++ -pthread",
    "DESTDIRS": "/install /install/lib /install/lib/python3.13",
    "INSTALL": "/usr/bin/install -c",
    "LDCXXSHARED": "/usr/bin/aarch64-linux-gnu-g++ -pthread -shared",
    "LDFLAGS": "-L/install/lib -Wl,-rpath,/install/lib -R/install/lib",
    "LDSHARED": "/usr/bin/aarch64-linux-gnu-gcc -pthread -shared",
    "LINKCC": "/tools/clang-linux64/bin/musl-clang -static",
    "MULTIARCH": "x86_64-linux-gnu",
    "NUMBER": 64,
    "PY_CFLAGS": "-I/install/include -I./Include",
    "WASM_STDLIB": "./install/lib/python3.13/os.py",
    "prefix": "/install",
}
PATCHED = {
    "AR": "ar",
    "BINDIR": f"{FINAL}/bin",
    "BLDSHARED": "cc -pthread -shared  -Wl,--exclude-libs,ALL -LModules/_hacl",
    "CC": "cc -pthread",
    "CONFIG_ARGS": f"'--prefix={FINAL}' 'LDFLAGS=-L{FINAL}/lib ' '--with-openssl=/tools/deps'",
    "CXX": "c++ -pthread",
    "DESTDIRS": f"{FINAL} {FINAL}/lib {FINAL}/lib/python3.13",
    "INSTALL": "/usr/bin/install -c",
    "LDCXXSHARED": "c++ -pthread -shared",
    "LDFLAGS": f"-L{FINAL}/lib -Wl,-rpath,{FINAL}/lib -R{FINAL}/lib",
    "LDSHARED": "cc -pthread -shared",
    "LINKCC": "cc -static",
    "MULTIARCH": "x86_64-linux-gnu",
    "NUMBER": 64,
    "PY_CFLAGS": f"-I{FINAL}/include -I./Include",
    "WASM_STDLIB": "./install/lib/python3.13/os.py",
    "prefix": str(FINAL),
    "PYTHON_BUILD_STANDALONE": 1,
}

MAKEFILE = """# Generated
prefix=\t\t/install
CC=\t\tclang -pthread
AR=             /tools/llvm/bin/llvm-ar
LIBDIR=\t\t/install/lib
LIBS=\t\t-ldl -L/install/lib
INSTALL=\t/usr/bin/install -c
\t$(INSTALL_SCRIPT) $(srcdir)/install-sh $(DESTDIR)$(LIBPL)/install-sh
"""
PATCHED_MAKEFILE = f"""# Generated
prefix=\t\t{FINAL}
CC=\t\tcc -pthread
AR=             ar
LIBDIR=\t\t{FINAL}/lib
LIBS=\t\t-ldl -L{FINAL}/lib
INSTALL=\t/usr/bin/install -c
\t$(INSTALL_SCRIPT) $(srcdir)/install-sh $(DESTDIR)$(LIBPL)/install-sh
"""


def write(prefix: Path, name: str, text: str, mode: int = 0o644) -> Path:
    path = prefix / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def module(variables: dict[str, Any]) -> str:
    return f"# generated\nbuild_time_vars = {variables!r}\n"


def read_module(path: Path) -> dict[str, Any]:
    (assignment,) = ast.parse(path.read_text()).body
    assert isinstance(assignment, ast.Assign)
    found: dict[str, Any] = ast.literal_eval(assignment.value)
    return found


@pytest.mark.parametrize("library", ["lib/python3.13", "lib/python3.13t"])
def test_the_table_of_settings(tmp_path: Path, library: str) -> None:
    """Paths are those of the layer, compilers those of the build image, and what only looks like a path stays."""
    path = write(tmp_path, f"{library}/_sysconfigdata__linux_x86_64-linux-gnu.py", module(VARIABLES))

    patch_sysconfig(tmp_path, FINAL)

    assert read_module(path) == PATCHED


def test_the_same_table_in_json(tmp_path: Path) -> None:
    """Python 3.14 has the table as JSON too, and a description of the build after PEP 739."""
    table = write(tmp_path, f"{LIBRARY}/_sysconfig_vars__linux_x86_64-linux-gnu.json", json.dumps(VARIABLES))
    details = write(
        tmp_path,
        f"{LIBRARY}/build-details.json",
        json.dumps({"base_prefix": "/install", "c_api": {"pc": ["/install/x"]}}),
    )

    patch_sysconfig(tmp_path, FINAL)

    assert json.loads(table.read_text()) == PATCHED
    assert json.loads(details.read_text()) == {"base_prefix": str(FINAL), "c_api": {"pc": [f"{FINAL}/x"]}}


def test_the_makefile(tmp_path: Path) -> None:
    """UWSGI and others read the Makefile instead."""
    path = write(tmp_path, f"{LIBRARY}/config-3.13-x86_64-linux-gnu/Makefile", MAKEFILE)

    patch_sysconfig(tmp_path, FINAL)

    assert path.read_text() == PATCHED_MAKEFILE


def test_pkg_config(tmp_path: Path) -> None:
    """pkg-config's files are relative to themselves."""
    path = write(tmp_path, "lib/pkgconfig/python-3.13.pc", "# x\nprefix=/install\nlibdir=${exec_prefix}/lib\n")

    patch_sysconfig(tmp_path, FINAL)

    assert path.read_text() == "# x\nprefix=${pcfiledir}/../..\nlibdir=${exec_prefix}/lib\n"


def test_the_scripts(tmp_path: Path) -> None:
    """python3-config and its sibling in Python say where the tree is, and stay programs."""
    shell = write(tmp_path, "bin/python3.13-config", '#!/bin/sh\nprefix="/install"\nLIBS="-L/install/lib"\n', 0o755)
    python = write(tmp_path, f"{LIBRARY}/config-3.13/python-config.py", "#!/install/bin/python3.13\n", 0o755)
    (tmp_path / "bin/python3-config").symlink_to("python3.13-config")

    patch_sysconfig(tmp_path, FINAL)

    assert shell.read_text() == f'#!/bin/sh\nprefix="{FINAL}"\nLIBS="-L{FINAL}/lib"\n'
    assert python.read_text() == f"#!{FINAL}/bin/python3.13\n"
    assert (shell.stat().st_mode & 0o777, python.stat().st_mode & 0o777) == (0o755, 0o755)
    assert (tmp_path / "bin/python3-config").is_symlink()


@pytest.mark.parametrize("final", [FINAL, Path("/install"), Path("/install/opt/python"), Path("/opt/install")])
def test_doing_it_twice_changes_nothing(tmp_path: Path, final: Path) -> None:
    """A layer that is patched again does not grow, not even where its path begins as the builder's did."""
    write(tmp_path, f"{LIBRARY}/_sysconfigdata__x.py", module(VARIABLES))
    write(tmp_path, f"{LIBRARY}/config-3.13/Makefile", MAKEFILE)
    write(tmp_path, f"{LIBRARY}/_sysconfig_vars__x.json", json.dumps(VARIABLES))
    write(tmp_path, "lib/pkgconfig/python-3.13.pc", "prefix=/install\nold=-L/install/lib\n")
    patch_sysconfig(tmp_path, final)
    once = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    patch_sysconfig(tmp_path, final)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == once
    assert read_module(tmp_path / LIBRARY / "_sysconfigdata__x.py")["BINDIR"] == f"{final}/bin"


@pytest.mark.parametrize(
    "text", ["", "import os\n", "build_time_vars = os.environ\n", "build_time_vars = 1\n", "build_time_vars = {\n"]
)
def test_a_table_that_is_none(tmp_path: Path, text: str) -> None:
    """A tree that does not describe itself as CPython does is refused; its code is never run."""
    write(tmp_path, f"{LIBRARY}/_sysconfigdata__x.py", text)

    with pytest.raises(ArchiveCorrupt, match="not a table of build settings"):
        patch_sysconfig(tmp_path, FINAL)
