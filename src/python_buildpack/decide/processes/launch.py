"""Commands that start a program without a shell, so that the run image need not have one."""

import re
import shlex

from cnb.frozen import frozen

_STARTER = ("python", "-I", "-S", "-c")
_EXPAND = "import os,sys; a=[os.path.expandvars(x) for x in sys.argv[1:]]; os.execvp(a[0],a)"
_PLAIN = re.compile(r"[\w@%+=:,./$-]+")


@frozen
class Start:
    """A command, and the settings for which the program has no option. Paths are relative to the app."""

    command: tuple[str, ...]
    directory: str = ""
    """The working directory, if it is not the app directory: ``working-dir`` of the process (Buildpack spec)."""
    import_root: str = ""
    """A directory that has to be on PYTHONPATH, such as ``src``."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that the program reads instead of options, unless the user sets them."""


def command(*argv: str, chdir: str = "", path: str = "") -> Start:
    """Return the start of ``argv``, in which ``$NAME`` is replaced by an environment variable at launch.

    For that, the app's Python inserts the value and then executes the program in its own process, so that this gets
    signals. It takes 15 ms and works in an image without ``sh`` and ``env``. ``chdir`` and ``path`` are ``directory``
    and ``import_root`` of Start.
    """
    expands = any("$" in argument for argument in argv)
    return Start((*_STARTER, _EXPAND, *argv) if expands else argv, chdir, path)


def split_command(argv: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what ``command`` added before a program, if anything, and the program with its arguments."""
    size = len(_STARTER) + 1 if argv[: len(_STARTER) + 1] == (*_STARTER, _EXPAND) else 0
    return argv[:size], argv[size:]


def shown(argv: tuple[str, ...]) -> str:
    """Return a command for the log: the program itself, with its ``$NAME`` as in a shell."""
    before, program = split_command(argv)
    if not before:
        return shlex.join(program)
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in program)


def python(code: str, *, chdir: str = "", path: str = "") -> Start:
    """Return the start of some Python statements, which can import from the app directory."""
    return command("python", "-c", code, chdir=chdir, path=path)
