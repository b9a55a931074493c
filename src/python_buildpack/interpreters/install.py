"""The story of an interpreter from its archive to its place: verify, unpack, fix, slim, compile, try out, move in."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from cnb.files import explained_when_full
from python_buildpack.installed.bytecode import BytecodeFailed, compile_tree
from python_buildpack.interpreters.archive import ArchiveCorrupt, unpack
from python_buildpack.interpreters.inventory import Interpreter
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
"""PEP 668: what pip prints instead of installing beside the app's virtual environment."""


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
    """Put the interpreter in ``archive`` at ``final``, complete and tried out, or leave nothing there.

    ``slim`` removes what an app in an image never uses. ``try_out`` is False for an interpreter of another
    architecture, which cannot run, and for one that was tried out when its layer was made. ``bytecode`` has the
    standard library compiled, before anything else runs the interpreter: each start without is a third of a second,
    and would write its own. Raises ArchiveCorrupt, ArchiveUnsafe, BytecodeFailed, InterpreterBroken and DiskFull.
    """
    _check_digest(archive, interpreter)
    with explained_when_full(final), temporary_directory(final.parent, f".{final.name}-") as prefix:
        unpack(archive, prefix)
        library = _fix(prefix, interpreter, final, archive)
        if slim:
            remove_unused(prefix, f"lib/{library.name}")
        if bytecode:
            _compile(Installed(interpreter, prefix, final), library, runner)
        if try_out:
            check_interpreter(Installed(interpreter, prefix, final), runner)
        _open_to_everybody(prefix)
        if final.exists():
            shutil.rmtree(final)
        prefix.rename(final)


def _compile(installed: Installed, library: Path, runner: CommandRunner) -> None:
    try:
        compile_tree(installed.prefix / "bin" / installed.interpreter.executable_name, library, runner)
    except BytecodeFailed:
        # An interpreter that does not run at all does not compile either, and this knows why.
        check_interpreter(installed, runner)
        raise


def _open_to_everybody(prefix: Path) -> None:
    """Undo a strict umask for what was written after unpacking: the image runs as another user than it was built by."""
    for directory, _, names in os.walk(prefix):
        os.chmod(directory, 0o755)  # noqa: PTH101, S103 # a thousand times; pathlib doubles the cost
        for name in names:
            path = f"{directory}/{name}"
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and not mode & stat.S_IROTH:
                os.chmod(path, stat.S_IMODE(mode) | 0o044)  # noqa: PTH101 # as above


def _check_digest(archive: Path, interpreter: Interpreter) -> None:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != interpreter.sha256:
        raise ArchiveCorrupt(archive.name, f"its SHA-256 is {digest} and should be {interpreter.sha256}")


def _fix(prefix: Path, interpreter: Interpreter, final: Path, archive: Path) -> Path:
    """Complete and correct the tree for where it will be, and return its standard library."""
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
