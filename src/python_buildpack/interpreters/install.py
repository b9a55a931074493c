"""Installs an interpreter from its archive: verifies, unpacks, corrects, slims, compiles, tests and moves it."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from cnb.files import explained_when_full
from python_buildpack.installed.bytecode import BytecodeFailed, compile_of_place, compile_tree
from python_buildpack.interpreters.archive import ArchiveCorrupt, unpack
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.interpreters.kept import KeptInterpreter
from python_buildpack.interpreters.shipped_bytecode import remove_shipped, take_shipped
from python_buildpack.interpreters.slim import slim as remove_unused
from python_buildpack.interpreters.smoke import Installed, check_interpreter
from python_buildpack.interpreters.sysconfig import patch_sysconfig
from python_buildpack.ports.interfaces import CommandRunner
from python_buildpack.support.temporary import temporary_directory

EXTERNALLY_MANAGED = """[externally-managed]
Error=This Python belongs to an image that was made by the Python buildpack.
 What is installed into it now would be lost with the next container.
 Add the package to the dependencies of your app (requirements.txt,
 pyproject.toml) and build the image again.
"""
"""PEP 668: the message that pip prints when it refuses to install outside of a virtual environment."""


def install_interpreter(
    archive: Path,
    interpreter: Interpreter,
    final: Path,
    runner: CommandRunner,
    *,
    slim: bool = True,
    try_out: bool = True,
    bytecode: bool = False,
) -> None:
    """Install the interpreter in ``archive`` at ``final``. After an error, nothing is there.

    ``slim`` removes what an app in an image never uses. ``try_out`` runs a test; it is False for an interpreter of
    another architecture, which cannot run, and for one that was tested when its layer was made. ``bytecode`` compiles
    the standard library, before anything else runs the interpreter: without bytecode, a start takes a third of a second
    more, and would write bytecode itself. Raises ArchiveCorrupt, ArchiveUnsafe, BytecodeFailed, InterpreterBroken and
    DiskFull.
    """
    _check_digest(archive, interpreter)
    with explained_when_full(final), temporary_directory(final.parent, f".{final.name}-") as prefix:
        unpack(archive, prefix)
        library = _fix(prefix, interpreter, final, archive)
        if slim:
            remove_unused(prefix, f"lib/{library.name}")
        if bytecode:
            is_compiled = take_shipped(library)
            _compile(Installed(interpreter, prefix, final), library, runner, is_compiled=is_compiled)
        else:
            remove_shipped(library)
        if try_out:
            check_interpreter(Installed(interpreter, prefix, final), runner)
        _move(prefix, final)


def put_back(
    kept: KeptInterpreter, interpreter: Interpreter, final: Path, runner: CommandRunner, *, bytecode: bool
) -> bool:
    """Install the interpreter at ``final`` from what an earlier build kept; return whether that was there.

    Arguments and errors are those of ``install_interpreter``.
    """
    with explained_when_full(final), temporary_directory(final.parent, f".{final.name}-") as prefix:
        if not kept.restore(prefix):
            return False
        if bytecode:
            library = prefix / "lib" / interpreter.executable_name
            _compile(Installed(interpreter, prefix, final), library, runner, is_compiled=False)
        _move(prefix, final)
    return True


def _move(prefix: Path, final: Path) -> None:
    """Replace what is at ``final`` by the finished interpreter at ``prefix``."""
    open_to_everybody(prefix)
    if final.exists():
        shutil.rmtree(final)
    prefix.rename(final)


def _compile(installed: Installed, library: Path, runner: CommandRunner, *, is_compiled: bool) -> None:
    """Compile the standard library; if it is compiled, only what names the place of the interpreter."""
    executable = installed.prefix / "bin" / installed.interpreter.executable_name
    try:
        (compile_of_place if is_compiled else compile_tree)(executable, library, runner)
    except BytecodeFailed:
        # If the interpreter does not run at all, this raises an error that explains why.
        check_interpreter(installed, runner)
        raise


def open_to_everybody(prefix: Path) -> None:
    """Make files readable that were written after unpacking with a strict umask: the image runs as another user."""
    for directory, _, names in os.walk(prefix):
        os.chmod(directory, 0o755)  # noqa: PTH101, S103 # a thousand calls, and pathlib takes twice the time
        for name in names:
            path = f"{directory}/{name}"
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and not mode & stat.S_IROTH:
                bits = 0o055 if mode & stat.S_IXUSR else 0o044
                os.chmod(path, stat.S_IMODE(mode) | bits)  # noqa: PTH101 # as above


def _check_digest(archive: Path, interpreter: Interpreter) -> None:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != interpreter.sha256:
        raise ArchiveCorrupt(archive.name, f"its SHA-256 is {digest} and should be {interpreter.sha256}")


def _fix(prefix: Path, interpreter: Interpreter, final: Path, archive: Path) -> Path:
    """Complete the tree and correct its paths for ``final``; return the directory of its standard library."""
    name = interpreter.executable_name
    library = prefix / "lib" / name
    if not (prefix / "bin" / name).is_file() or not library.is_dir():
        raise ArchiveCorrupt(archive.name, f"it has no python/bin/{name} with a python/lib/{name}")
    # Upstream's builds up to 20240726 have no bin/python.
    for alias in ("python3", "python"):
        link = prefix / "bin" / alias
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(name)
    patch_sysconfig(prefix, final)
    (library / "EXTERNALLY-MANAGED").write_text(EXTERNALLY_MANAGED, encoding="utf-8")
    (prefix / "BUILD").write_text(f"{interpreter.build}\n", encoding="utf-8")
    return library
