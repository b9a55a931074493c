"""The program that compiles: run by the interpreter that the bytecode is for, Python 3.9 or newer.

Its arguments are the directory that no bytecode shall name, and lists: files with the path of a source on each line.
Each list has a child of its own, all at the same time, forked before anything was compiled, so that all begin alike.
One process group, so that stopping the build stops them.

``compileall`` does the same and cannot be used. What is written of a name depends on whether the process knows the name
already (cpython#129724), and so on what it imported, and whether from source or from bytecode. ``compileall`` and the
warnings that it lets through import a good part of the library that is being compiled beside it. This program imports
next to nothing, and that from source: PYTHONPYCACHEPREFIX names a directory that is not there.

Its status is 0; 1 when some files could not be compiled, each with a line; anything else when it broke off.
"""

import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, source_hash

BROKEN_OFF = 70
_UNCHECKED_HASH = b"\x01\x00\x00\x00"
"""PEP 552: bytecode with a hash of its source, which nobody compares."""


def compile_in_child(root: str, listing: str) -> int:
    """Return the process that compiles what ``listing`` names."""
    child = os.fork()
    if child:
        return child
    status = BROKEN_OFF
    try:
        status = compile_list(root, listing)
        sys.stdout.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def compile_list(root: str, listing: str) -> int:
    """Compile what ``listing`` names; return 1 if some of it could not be, and 0 otherwise."""
    status = 0
    with open(listing, encoding="utf-8") as lines:
        paths = lines.read().splitlines()
    for path in paths:
        try:
            compile_file(root, path)
        except Exception as error:
            print(f"*** Error compiling {path!r}: {type(error).__name__}: {error}")
            status = 1
    return status


def compile_file(root: str, path: str) -> None:
    """Write the bytecode of ``path`` beside it. Raises whatever the compiler raises, and OSError."""
    with open(path, "rb") as file:
        source = file.read()
        mode = os.fstat(file.fileno()).st_mode
    code = compile(source, path[len(root) + 1 :], "exec", dont_inherit=True)
    directory, _, name = path.rpartition("/")
    cache = f"{directory}/__pycache__"
    os.makedirs(cache, exist_ok=True)
    # PEP 3147; importlib's cache_from_source would answer for PYTHONPYCACHEPREFIX.
    target = f"{cache}/{name[:-3]}.{sys.implementation.cache_tag}.pyc"
    header = MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source)
    write_whole(target, header + marshal.dumps(code), mode & 0o666 | 0o200)


def write_whole(path: str, content: bytes, mode: int) -> None:
    """Write a file that is there as a whole or not at all: a build may be stopped here."""
    unfinished = f"{path}.{os.getpid()}"
    try:
        with open(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
        raise


def main(root: str, *lists: str) -> int:
    """Compile what the lists name; return the status."""
    children = [compile_in_child(root, listing) for listing in lists]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return BROKEN_OFF if min(codes) < 0 else max(codes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
