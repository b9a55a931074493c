"""The whole story with a real interpreter, repacked into upstream's shape from a Python of this machine."""

import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from packaging.version import Version

from interpreter_archives import RealInterpreter, WriteArchive, file, newest_real_interpreter, symlink
from python_buildpack.installed.bytecode import compile_tree
from python_buildpack.installed.virtual_environment import create_environment
from python_buildpack.interpreters.archive import ArchiveCorrupt
from python_buildpack.interpreters.install import install_interpreter, put_back
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.interpreters.kept import KeptInterpreter
from python_buildpack.interpreters.smoke import InterpreterBroken
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.support.cached_files import CachedFile

RUNNER = SubprocessRunner()


@pytest.fixture(scope="module")
def real() -> RealInterpreter:
    return newest_real_interpreter()


@pytest.fixture(scope="module")
def installed(real: RealInterpreter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it once, with everything, for the tests that only look."""
    final = tmp_path_factory.mktemp("layers") / "python" / "cpython"
    install_interpreter(real.archive, real.row, final, RUNNER, bytecode=True)
    return final


@pytest.fixture(scope="module")
def bare(real: RealInterpreter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it once without bytecode, in the place of another and by a builder with a strict umask."""
    final = tmp_path_factory.mktemp("bare") / "cpython"
    final.mkdir()
    (final / "stale").touch()
    before = os.umask(0o077)
    install_interpreter(real.archive, real.row, final, RUNNER)
    os.umask(before)
    return final


def run(python: Path, *arguments: str) -> str:
    """Return what the interpreter prints, run in a bare environment."""
    return subprocess.run(
        [python, *arguments], env={"PATH": os.defpath}, capture_output=True, text=True, check=True
    ).stdout


def executable(prefix: Path, row: Interpreter) -> Path:
    return prefix / "bin" / row.executable_name


def made_up(archive: Path, version: str = "3.13.2") -> Interpreter:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return Interpreter(Version(version), "1", "linux", "amd64", "gnu", "default", "https://x", digest)


def test_it_runs_where_it_is(installed: Path, real: RealInterpreter) -> None:
    """The interpreter is of the right version and finds itself in its final place."""
    output = run(
        executable(installed, real.row),
        "-I",
        "-c",
        "import sys, platform; print(sys.prefix, platform.python_version())",
    )

    assert output.split()[:2] == [str(installed.resolve()), str(real.row.version)]


def test_every_name_of_it_works(installed: Path, real: RealInterpreter) -> None:
    """Python and python3 are there as well as python3.X."""
    assert {run(installed / "bin" / name, "-V") for name in ("python", "python3", real.row.executable_name)} == {
        f"Python {real.row.version}\n"
    }


def test_nothing_is_beside_it(installed: Path) -> None:
    """The temporary directory is gone: whatever lies in a layer goes into the image."""
    assert [path.name for path in installed.parent.iterdir()] == [installed.name]


def test_everyone_may_read_it(bare: Path) -> None:
    """The image runs as another user than it was built by, however strict the build is about files."""
    modes = {path.stat().st_mode & 0o777 for path in [bare, *bare.rglob("*")] if not path.is_symlink()}

    assert modes == {0o755, 0o644}


def test_it_names_its_final_place(installed: Path, real: RealInterpreter) -> None:
    """No builder's path is left in what extension modules are built with."""
    output = run(
        executable(installed, real.row), "-I", "-c", "import sysconfig; print(sysconfig.get_config_var('INCLUDEPY'))"
    )

    assert output.strip() == f"{installed}/include/{real.row.executable_name}"


def test_it_makes_virtual_environments(installed: Path, real: RealInterpreter, tmp_path: Path) -> None:
    """What slimming removed is not missed by a virtual environment without pip."""
    run(executable(installed, real.row), "-I", "-m", "venv", "--without-pip", str(tmp_path / "venv"))

    output = run(tmp_path / "venv/bin/python", "-c", "import sys; print(sys.base_prefix, len(sys.path))")

    assert output.split()[0] == str(installed.resolve())


def test_it_builds_extension_modules(installed: Path, real: RealInterpreter, tmp_path: Path) -> None:
    """A package without a wheel finds the headers and the compiler's settings."""
    compiler = shutil.which("cc")
    assert compiler is not None, "the build image of every builder has a compiler; so must the machine of the tests"
    python = executable(installed, real.row)
    (tmp_path / "tiny.c").write_text(
        "#include <Python.h>\n"
        'static struct PyModuleDef tiny = {PyModuleDef_HEAD_INIT, "tiny"};\n'
        "PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&tiny); }\n"
    )
    script = (
        "import sysconfig; print(sysconfig.get_config_var('LDSHARED'), '-fPIC', '-I' + sysconfig.get_path('include'))"
    )
    linker = run(python, "-I", "-c", script).split()

    subprocess.run([*linker, "tiny.c", "-o", "tiny.so"], cwd=tmp_path, check=True)

    assert (
        run(python, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import tiny; print('built')")
        == "built\n"
    )


def test_it_is_slim(installed: Path, real: RealInterpreter) -> None:
    """Neither pip nor what needs a screen is in the image, and no program is left that would start what is gone."""
    library = installed / "lib" / real.row.executable_name

    assert [
        name for name in ("ensurepip", "idlelib", "tkinter", "pydoc_data", "turtle.py") if (library / name).exists()
    ] == []
    assert list((library / "site-packages").iterdir()) == []
    assert {path.name for path in (installed / "bin").iterdir()} == {
        "python",
        "python3",
        real.row.executable_name,
        "python3-config",
        f"{real.row.executable_name}-config",
    }


def test_pip_is_told_to_keep_out(installed: Path, real: RealInterpreter) -> None:
    """PEP 668: an installation into the interpreter is refused with a reason."""
    text = (installed / "lib" / real.row.executable_name / "EXTERNALLY-MANAGED").read_text()

    assert text.startswith("[externally-managed]\nError=This Python belongs to an image")


def test_its_standard_library_is_compiled(installed: Path, real: RealInterpreter) -> None:
    """A start compiles nothing: every module that it imports has bytecode which is taken unchecked."""
    output = run(executable(installed, real.row), "-v", "-I", "-c", "import json")

    assert output == ""
    library = installed / "lib" / real.row.executable_name
    sources = [path for path in library.rglob("*.py") if "lib2to3/tests" not in str(path)]
    compiled = {path.parent.parent / f"{path.name.partition('.')[0]}.py" for path in library.rglob("*.pyc")}
    assert len([path for path in sources if path in compiled]) > 0.98 * len(sources)


def test_two_installations_are_equal(real: RealInterpreter, installed: Path, tmp_path: Path) -> None:
    """All but the files that name the place are the same, byte for byte: apps share the layer.

    The other one's library is compiled twice, the second time by an interpreter that has bytecode.
    """
    other = tmp_path / "b" / "cpython"
    install_interpreter(real.archive, real.row, other, RUNNER, bytecode=True)
    compile_tree(executable(other, real.row), other / "lib" / real.row.executable_name, RUNNER)

    def content(prefix: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(prefix)): path.read_bytes().replace(str(prefix).encode(), b"<prefix>")
            for path in prefix.rglob("*")
            if path.is_file() and not path.name.startswith(("_sysconfigdata", "python-config"))
        }

    assert content(other) == content(installed)


def test_making_an_environment_leaves_the_interpreter_as_it_is(
    real: RealInterpreter, bare: Path, tmp_path: Path
) -> None:
    """Whether or not there is bytecode: a restored one has none."""
    create_environment(executable(bare, real.row), tmp_path / "venv", {"PYTHONDONTWRITEBYTECODE": "1"}, RUNNER)

    assert (tmp_path / "venv" / "bin" / "python").exists()
    assert not list(bare.rglob("*.pyc"))


def test_without_bytecode_and_whole(real: RealInterpreter, tmp_path: Path) -> None:
    """A build that needs the interpreter for a moment only does without the compiling; slimming can be turned off."""
    final = tmp_path / "cpython"
    install_interpreter(real.archive, real.row, final, RUNNER, slim=False)

    assert list(final.rglob("*.pyc")) == []
    assert (final / "lib" / real.row.executable_name / "site-packages" / "pip").is_dir()


def test_compiling_little_leaves_the_interpreter_alone(real: RealInterpreter, bare: Path, tmp_path: Path) -> None:
    """Compiling a single file compiles that file, and nothing of the interpreter that does it."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "one.py").touch()

    compile_tree(executable(bare, real.row), tmp_path / "app", RUNNER)

    assert [path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")] == ["one"]
    assert not list(bare.rglob("*.pyc"))


@pytest.fixture(scope="module")
def kept(real: RealInterpreter, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> KeptInterpreter:
    """Keep the interpreter, as the cache does."""
    cache = tmp_path_factory.mktemp("cache")
    digests: dict[str, str] = {}
    part, rest = CachedFile(cache / "part", digests), CachedFile(cache / "rest", digests)
    found = KeptInterpreter(part, rest, real.row.executable_name)
    found.store(installed, RUNNER)
    return found


def entries(prefix: Path) -> dict[str, tuple[int, bytes | str]]:
    """Return mode and content of all entries, without bytecode."""
    return {
        str(path.relative_to(prefix)): (
            path.lstat().st_mode,
            str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in prefix.rglob("*")
        if "__pycache__" not in path.parts
    }


def test_what_was_kept_is_the_whole_interpreter(
    real: RealInterpreter, installed: Path, kept: KeptInterpreter, tmp_path: Path
) -> None:
    """Every file, link and mode is as it was, also for a builder with a strict umask; and nothing is added."""
    final = tmp_path / "cpython"
    before = os.umask(0o077)
    try:
        is_there = put_back(kept, real.row, final, RUNNER, bytecode=True)
    finally:
        os.umask(before)

    assert is_there
    assert not kept.is_part(final)
    assert entries(final) == entries(installed)
    bytecode = {str(path.relative_to(installed)): path.read_bytes() for path in installed.rglob("*.pyc")}
    assert {str(path.relative_to(final)): path.read_bytes() for path in final.rglob("*.pyc")} == bytecode


def test_a_part_of_it_installs_wheels(
    real: RealInterpreter, installed: Path, kept: KeptInterpreter, tmp_path: Path
) -> None:
    """A fifth of the files make the same environment, and bytecode with the same bytes, of sources in any encoding."""
    part, name = tmp_path / "part", real.row.executable_name
    assert kept.restore_part(part)
    assert kept.is_part(part)
    assert len(entries(part)) < len(entries(installed)) / 3
    results = []
    for python in (part, installed):
        root = tmp_path / "result"
        create_environment(executable(python, real.row), root, {}, RUNNER)
        site = root / "lib" / name / "site-packages"
        for package in ("asyncio", "email", "unittest"):
            sources = shutil.ignore_patterns("__pycache__")
            shutil.copytree(installed / "lib" / name / package, site / package, ignore=sources)
        # Read by two modules of the standard library, which the compiler then imports.
        (site / "a.py").write_bytes("# coding: cp1250\nname = 'ř'\ndecode = getregentry = 1\n".encode("cp1250"))
        (site / "b.py").write_bytes("# coding: gbk\nname = '是'\nclass IncrementalDecoder: codec = 1\n".encode("gbk"))
        compile_tree(executable(python, real.row), root / "lib", RUNNER)
        made = {
            str(path.relative_to(root)): path.read_bytes().replace(bytes(python), b"")
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink()
        }
        results.append(made)
        shutil.rmtree(root)

    assert results[0] == results[1]
    assert {"a", "b"} < {path.name.partition(".")[0] for path in map(Path, results[0]) if path.suffix == ".pyc"}
    output = run(executable(part, real.row), "-I", "-c", "import importlib.metadata, collections.abc, json, re, ssl")
    assert output == ""


def test_a_kept_interpreter_that_was_changed_is_not_put_back(
    real: RealInterpreter, kept: KeptInterpreter, tmp_path: Path
) -> None:
    """Both archives are known by the digest of what was written: nothing of others is put on disk."""
    digests = dict(kept.part.digests)
    part, rest = CachedFile(tmp_path / "part", digests), CachedFile(tmp_path / "rest", digests)
    changed = KeptInterpreter(part, rest, kept.name)
    part.path.write_bytes(kept.part.path.read_bytes() + b"more")
    rest.path.write_bytes(kept.rest.path.read_bytes() + b"more")
    final = tmp_path / "layer" / "cpython"

    assert not put_back(changed, real.row, final, RUNNER, bytecode=False)
    assert not changed.restore_part(final)
    assert list(final.iterdir()) == []


def test_it_replaces_what_is_there(bare: Path) -> None:
    """What an earlier build left at the place is gone afterwards."""
    assert not (bare / "stale").exists()


def assert_nothing_left(final: Path) -> None:
    assert list(final.parent.iterdir()) == []


def test_an_archive_with_another_digest_is_not_opened(write_archive: WriteArchive, tmp_path: Path) -> None:
    """The digest comes first: what a cache holds may have been changed."""
    archive = write_archive(file("python/bin/python3.13"))
    final = tmp_path / "layer" / "cpython"
    final.parent.mkdir()

    with pytest.raises(ArchiveCorrupt, match="SHA-256"):
        install_interpreter(archive, dataclasses.replace(made_up(archive), sha256="0" * 64), final, RUNNER)

    assert_nothing_left(final)


def test_an_archive_of_another_version_is_refused(write_archive: WriteArchive, tmp_path: Path) -> None:
    """The inventory says one version, the archive has another: nothing is installed."""
    archive = write_archive(file("python/bin/python3.12"), file("python/lib/python3.12/os.py"))
    final = tmp_path / "layer" / "cpython"

    with pytest.raises(ArchiveCorrupt, match=r"no python/bin/python3\.13"):
        install_interpreter(archive, made_up(archive), final, RUNNER)

    assert_nothing_left(final)


def test_another_patch_release_is_found_out(real: RealInterpreter, tmp_path: Path) -> None:
    """An inventory that names the wrong patch release is found out by asking the interpreter."""
    minor = real.row.minor
    final = tmp_path / "layer" / "cpython"

    with pytest.raises(InterpreterBroken, match=rf"its version is {real.row.version}"):
        install_interpreter(
            real.archive,
            dataclasses.replace(real.row, version=Version(f"{minor}.99")),
            final,
            RUNNER,
        )

    assert_nothing_left(final)


@pytest.mark.parametrize(
    ("program", "cause"),
    [
        (
            b'#!/bin/sh\necho "libc.so.6: version \\`GLIBC_2.38\' not found"; exit 1\n',
            "C library of the image is too old",
        ),
        (b"#!/no/such/loader\n", "its dynamic loader is not in the image"),
        (b"\x7fELF\x02\x01\x01garbage", "for another architecture, or its directory is mounted noexec"),
        (b"#!/bin/sh\nkill -11 $$\n", "signal 11 ended it"),
        (b"#!/bin/sh\necho hello\n", "it ended with status 0: hello"),
    ],
)
def test_an_interpreter_that_does_not_run_is_explained(
    write_archive: WriteArchive, tmp_path: Path, program: bytes, cause: str
) -> None:
    """The likely cause is named: an old C library, musl, another architecture, a crash."""
    archive = write_archive(
        file("python/bin/python3.13", program, 0o755),
        symlink("python/bin/python3", "python3.13"),
        file("python/lib/python3.13/os.py"),
    )
    final = tmp_path / "layer" / "cpython"

    with pytest.raises(InterpreterBroken) as caught:
        install_interpreter(archive, made_up(archive), final, RUNNER, bytecode=True)

    assert cause in caught.value.what
    assert_nothing_left(final)


def test_another_architecture_is_neither_run_nor_compiled(write_archive: WriteArchive, tmp_path: Path) -> None:
    """A package for arm64 can be put together on amd64."""
    archive = write_archive(
        file("python/bin/python3.13", b"\x7fELF", 0o755), file("python/lib/python3.13/os.py", b"x = 1\n")
    )
    final = tmp_path / "layer" / "cpython"

    install_interpreter(archive, made_up(archive), final, RUNNER, try_out=False)

    assert sorted(path.name for path in (final / "bin").iterdir()) == ["python", "python3", "python3.13"]


def test_being_stopped_leaves_nothing(real: RealInterpreter, tmp_path: Path) -> None:
    """A build that is stopped while it tries the interpreter out leaves no half of an interpreter."""

    class Stopped:
        """Plays a build that gets SIGTERM while a program runs."""

        def run(self, command: Command) -> Finished:
            del command
            raise SystemExit(143)

    final = tmp_path / "layer" / "cpython"

    with pytest.raises(SystemExit):
        install_interpreter(real.archive, real.row, final, Stopped())

    assert_nothing_left(final)


ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from interpreter_archives import newest_real_interpreter
from cnb.files import DiskFull
from python_buildpack.interpreters.install import install_interpreter, put_back
from python_buildpack.ports.commands import SubprocessRunner
real = newest_real_interpreter()
layer = Path(sys.argv[1], "layer")
try:
    install_interpreter(
        real.archive, real.row, layer / "cpython", SubprocessRunner(), slim=False, try_out=False, bytecode=True
    )
except DiskFull:
    print("disk full, left:", [path.name for path in layer.iterdir()])
"""
MOUNT = 'mount -t tmpfs -o size="$1"k tmpfs "$2" && shift 2 && exec "$@"'


def on_a_disk_of(kilobytes: int, disk: Path, *command: str) -> list[str]:
    """Return the command as run on a small disk, or where nothing can be mounted with a limit on the size of files."""
    mounted = ["unshare", "-m", "sh", "-c", MOUNT, "sh", str(kilobytes), str(disk)]
    if subprocess.run([*mounted, "true"], check=False, capture_output=True).returncode == 0:
        return [*mounted, *command]
    return ["sh", "-c", 'ulimit -f 4000 && exec "$@"', "sh", *command]


@pytest.mark.parametrize("pages_left", [-5000, 200], ids=["while unpacking", "while compiling"])
def test_a_full_disk_is_called_one(tmp_path: Path, real: RealInterpreter, pages_left: int) -> None:
    """On a disk with too little space the error says so, and no half of an interpreter stays there."""
    with tarfile.open(real.archive) as tar:
        # The bytecode that the archive brings is removed before: it is less than that of all modules.
        pages = sum(-(-member.size // 4096) for member in tar) + pages_left
    argv = on_a_disk_of(4 * pages, tmp_path, sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path))

    output = subprocess.run(
        argv,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert output.stdout == "disk full, left: []\n"
