"""The program that compiles bytecode. It is run by the interpreter that the bytecode is for, Python 3.9 or newer.

Its arguments are pairs: a directory, whose path is cut off from the file names in the bytecode, and a list, a file with
the path of a source on each line. Each list is compiled in its own child process, a few at a time. The parent compiles
nothing, so all start in the same state, however many there were before them. They are in one process group, so that
stopping the build stops them. The paths of the bytecode of a list are written beside it, to a file with ``.made`` at
its end.

``compileall`` cannot be used. The bytes that CPython writes for a name depend on whether the process has seen the name
before (cpython#129724), and so on what it has imported, and whether from source or from bytecode. ``compileall`` and
the warnings that it shows import much of the library that is being compiled. This program imports almost nothing, and
only from source: PYTHONPYCACHEPREFIX names a directory that does not exist.

The status is 0; or 1 if some files could not be compiled, for each of which a line is printed; any other status is a
crash.
"""

import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, source_hash

AT_ONCE = 4
"""How many processes there are at a time; more would need more memory."""
BROKEN_OFF = 70
_UNCHECKED_HASH = b"\x01\x00\x00\x00"
"""The flags of PEP 552 for bytecode with a hash of its source that is not checked."""


def compile_in_child(root: str, listing: str) -> int:
    """Start a child process that compiles the files in ``listing``, and return its id."""
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
    """Compile the files in ``listing``; return 1 if one of them could not be compiled, else 0."""
    status = 0
    made = []
    with open(listing, encoding="utf-8") as lines:
        paths = lines.read().splitlines()
    for path in paths:
        try:
            made.append(compile_file(root, path))
        except Exception as error:
            print(f"*** Error compiling {path!r}: {type(error).__name__}: {error}")
            status = 1
    with open(f"{listing}.made", "w", encoding="utf-8") as file:
        file.write("".join(f"{path}\n" for path in made))
    return status


def compile_file(root: str, path: str) -> str:
    """Write the bytecode of ``path`` into its ``__pycache__``, and return where. Raises OSError and compiler errors."""
    with open(path, "rb") as file:
        source = file.read()
        mode = os.fstat(file.fileno()).st_mode
    code = compile(source, path[len(root) + 1 :], "exec", dont_inherit=True)
    directory, _, name = path.rpartition("/")
    cache = f"{directory}/__pycache__"
    os.makedirs(cache, exist_ok=True)
    # PEP 3147. importlib's cache_from_source would use PYTHONPYCACHEPREFIX.
    target = f"{cache}/{name[:-3]}.{sys.implementation.cache_tag}.pyc"
    header = MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source)
    write_whole(target, header + marshal.dumps(code), mode & 0o666 | 0o200)
    return target


def write_whole(path: str, content: bytes, mode: int) -> None:
    """Write a file, so that an interrupted build leaves no incomplete one. Raises OSError."""
    unfinished = f"{path}.{os.getpid()}"
    try:
        with open(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
        raise


def main(*pairs: str) -> int:
    """Compile the files in the lists, each with its directory before it; return the exit status."""
    codes = []
    running = 0
    for root, listing in zip(pairs[::2], pairs[1::2]):  # noqa: B905 - Python 3.9 has no ``strict``
        if running == AT_ONCE:
            codes.append(os.waitstatus_to_exitcode(os.wait()[1]))
            running -= 1
        compile_in_child(root, listing)
        running += 1
    codes.extend(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(running))
    return BROKEN_OFF if min(codes) < 0 else max(codes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
