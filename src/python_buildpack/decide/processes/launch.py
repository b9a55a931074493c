"""How a program starts without a shell, even where the run image has none."""

import re
import shlex

from cnb.frozen import frozen

_STARTER = ("python", "-I", "-S", "-c")
_EXPAND = "import os,sys; a=[os.path.expandvars(x) for x in sys.argv[1:]]; os.execvp(a[0],a)"
_PLAIN = re.compile(r"[\w@%+=:,./$-]+")


@frozen
class Start:
    """A command, and what it needs around it that the program has no option for. Paths are relative to the app."""

    command: tuple[str, ...]
    directory: str = ""
    """Where it starts, if that is not the app directory: ``working-dir`` of the process (Buildpack spec)."""
    import_root: str = ""
    """What has to be on PYTHONPATH: a ``src`` directory."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that it reads in place of options, unless the user sets them."""


def command(*argv: str, chdir: str = "", path: str = "") -> Start:
    """Return the start of ``argv``, in which ``$NAME`` stands for an environment variable at start.

    Where there is one, the app's Python puts in its value and then becomes the program, so that signals reach it. That
    takes 15 ms and works in an image without ``sh`` and ``env``. ``chdir`` and ``path`` are as in Start.
    """
    expands = any("$" in argument for argument in argv)
    return Start((*_STARTER, _EXPAND, *argv) if expands else argv, chdir, path)


def split_command(argv: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what ``command`` put before a program, or nothing, and the program with its arguments."""
    size = len(_STARTER) + 1 if argv[: len(_STARTER) + 1] == (*_STARTER, _EXPAND) else 0
    return argv[:size], argv[size:]


def shown(argv: tuple[str, ...]) -> str:
    """Return a command as a line for people: the program itself, with its ``$NAME`` as a shell would take it."""
    before, program = split_command(argv)
    if not before:
        return shlex.join(program)
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in program)


def python(code: str, *, chdir: str = "", path: str = "") -> Start:
    """Return the start of a few statements of Python, with the app directory importable."""
    return command("python", "-c", code, chdir=chdir, path=path)
