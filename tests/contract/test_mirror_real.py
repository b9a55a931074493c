"""This machine's Pythons, repacked: made once, and running where nothing of the originals can be reached."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.mirror.binaries import GLIBC, find_elf_files
from devkit.mirror.make import Mirror, make_mirror
from devkit.mirror.repack import RepackedPythonBroken, check_interpreter

MODULES = "ssl, sqlite3, ctypes, zlib, lzma, bz2, hashlib, uuid, decimal, _posixsubprocess, readline, curses"

LOADED_FILES = f"""
import re, sys, {MODULES}
maps = open("/proc/self/maps").read()
print("\\n".join(sorted(set(re.findall(r"(/\\S+\\.so\\S*)", maps)))))
"""

IN_AN_EMPTY_ROOT = f"""
import subprocess, sys, {MODULES}
subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", "/venv"])
print(sys.prefix)
sys.stdout.flush()
subprocess.check_call(["/venv/bin/python", "-c", "import sys, ssl; print(sys.prefix, sys.base_prefix)"])
"""

MAKE_ONE = """
import sys
from pathlib import Path
from devkit.mirror.make import make_mirror
[made] = make_mirror(Path(sys.argv[1]), versions=[sys.argv[2]]).archives
print("kept" if made.seconds is None else "made")
"""


@pytest.fixture(scope="module")
def mirror() -> Mirror:
    """Return the mirror that all checkouts of this machine share; the first time it takes some seconds per Python."""
    return make_mirror()


@pytest.fixture(scope="module")
def trees(mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    unpacked = []
    for mirrored in mirror.archives:
        place = tmp_path_factory.mktemp(mirrored.row.version)
        run(["/bin/tar", "-xzf", mirrored.archive, "-C", place], {})
        unpacked.append((f"python{mirrored.row.minor}", place / "python"))
    return unpacked


def run(command: list[str | Path], env: dict[str, str]) -> str:
    finished = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=env
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


def test_libraries_come_from_the_archive_even_if_ld_library_path_says_otherwise(
    trees: list[tuple[str, Path]], tmp_path: Path
) -> None:
    """Nothing but glibc is loaded from outside, and libraries of the same names in other layers are not touched."""
    for python, tree in trees:
        for library in (*(tree / "lib" / ".bundled").iterdir(), *(tree / "lib").glob("libpython*.so*")):
            (tmp_path / library.name).write_text("not a library", encoding="utf-8")
        env = {"LD_LIBRARY_PATH": str(tmp_path)}
        loaded = run([tree / "bin" / python, "-I", "-B", "-c", LOADED_FILES], env).splitlines()
        assert [path for path in loaded if not path.startswith(f"{tree}/") and not GLIBC.match(Path(path).name)] == []
        assert any(path.startswith(f"{tree}/lib/.bundled/libssl") for path in loaded)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change the root directory")
def test_they_run_in_a_root_directory_that_has_glibc_and_nothing_else(
    trees: list[tuple[str, Path]], tmp_path: Path
) -> None:
    """Neither the original installation nor a library of the distribution is there; venv works as well."""
    for python, tree in trees:
        root = tmp_path / python
        provide_glibc(tree / "bin" / python, root)
        shutil.copytree(tree, root / "app", symlinks=True)
        enter = f'mount -t proc proc {root}/proc && mount --bind /dev {root}/dev && exec chroot {root} "$@"'
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "sh"]
        output = run([*command, f"/app/bin/{python}", "-I", "-B", "-c", IN_AN_EMPTY_ROOT], {"PATH": os.environ["PATH"]})
        assert output == "/app\n/venv /app\n"


def provide_glibc(executable: Path, root: Path) -> None:
    """Copy the dynamic loader and glibc's libraries to where this machine has them."""
    text = run(["ldd", executable], {"PATH": os.environ["PATH"]})
    [loader] = re.findall(r"^\s+(/\S*ld-linux\S+)", text, flags=re.MULTILINE)
    [libc] = re.findall(r"libc\.so\.6 => (\S+)", text)
    beside = [path for path in Path(libc).parent.iterdir() if GLIBC.match(path.name) and path.name != "libnsl.so.2"]
    for library in (Path(loader), *beside):
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library, target)
        target.chmod(0o755)
    for folder in ("proc", "dev"):
        (root / folder).mkdir()


def test_nothing_in_an_archive_points_to_where_it_came_from(trees: list[tuple[str, Path]], mirror: Mirror) -> None:
    """No text names the original prefix, no link leaves the archive, and no file is a test or bytecode of one."""
    origin = re.compile(rb"/(\.pyenv|hostedtoolcache|home/\w+)/")
    for (_, tree), mirrored in zip(trees, mirror.archives, strict=True):
        files = [path for path in tree.rglob("*") if not path.is_dir()]
        assert [path for path in files if path.is_symlink() and os.path.dirname(path.readlink())] == []  # noqa: PTH120 - a Path has no dirname that is empty
        assert [path for path in files if path.suffix == ".a" or {"test", "idle_test"} & {*path.parts}] == []
        compiled = set(find_elf_files(tree))
        texts = [path for path in files if not path.is_symlink() and path not in compiled and path.suffix != ".o"]
        assert [path for path in texts if origin.search(path.read_bytes())] == []
        assert mirrored.archive.stat().st_size < 25e6


def test_build_settings_look_like_upstream_s(trees: list[tuple[str, Path]]) -> None:
    """Configured for /install, without run paths, so that what repairs upstream's settings has the same work here."""
    program = "import sysconfig as s; print(s.get_config_var('INCLUDEPY'), '-rpath' in s.get_config_var('LDSHARED'))"
    for python, tree in trees:
        output = run([tree / "bin" / python, "-I", "-B", "-c", program], {})
        assert output == f"/install/include/{python} False\n"
        for pc in (tree / "lib" / "pkgconfig").glob("*.pc"):
            assert "prefix=/install" in pc.read_text(encoding="utf-8").splitlines()


def test_scripts_find_their_interpreter(trees: list[tuple[str, Path]]) -> None:
    """Also by the short name, which is a link, and with no Python on PATH."""
    env = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    for _, tree in trees:
        assert "pydoc" in run([tree / "bin" / "pydoc3"], env)
        assert "prefix" in run([tree / "bin" / "python3-config", "--help"], env)


def test_an_archive_is_made_once_by_whoever_comes_first_and_again_only_when_harmed(
    mirror: Mirror, tmp_path: Path
) -> None:
    """Two processes at once give one archive; a harmed one is replaced by the same bytes; the next call keeps it."""
    version = mirror.archives[-1].row.version
    command = [sys.executable, "-W", "error", "-c", MAKE_ONE, str(tmp_path), version]
    # Only one at a time may work, so this costs the time of one.
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(process.communicate()[0] for process in processes) == ["kept\n", "made\n"]
    [archive] = tmp_path.glob("*.tar.gz")
    original = archive.read_bytes()
    archive.write_bytes(original[:-100])
    [again] = make_mirror(tmp_path, versions=[version]).archives
    assert again.seconds is not None
    assert archive.read_bytes() == original
    before = archive.stat().st_mtime_ns
    assert make_mirror(tmp_path, versions=[version]).archives[0].seconds is None
    assert archive.stat().st_mtime_ns == before


def test_an_interpreter_that_lacks_a_module_is_not_packed(trees: list[tuple[str, Path]]) -> None:
    """A Python compiled without a library's headers is found out here, by name, and not in an app."""
    python, tree = trees[-1]
    [module] = (tree / "lib" / python / "lib-dynload").glob("_sqlite3.*.so")
    hidden = module.rename(module.with_suffix(".hidden"))
    with pytest.raises(RepackedPythonBroken, match="_sqlite3"):
        check_interpreter(tree, python)
    hidden.rename(module)
    check_interpreter(tree, python)
