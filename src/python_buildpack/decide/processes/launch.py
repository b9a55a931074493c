"""Commands that start a program without a shell, so that the run image need not have one."""

import re
import shlex

from cnb.frozen import frozen

_STARTER = ("python", "-I", "-S", "-c")
_EXPAND = "import os,sys; a=[os.path.expandvars(x) for x in sys.argv[1:]]; os.execvp(a[0],a)"
_IMPORTER = ("python", "-c")
_IMPORT = """import os, signal, sys
module, folder, *server = (os.path.expandvars(word) for word in sys.argv[1:])
named = [b for a, b in zip(server, server[1:]) if a in ("--workers", "-w")]
named += [word[10:] for word in server if word.startswith("--workers=")]
if [*named, os.environ.get("WEB_CONCURRENCY") or "1"][0] != "1":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.argv, sys.path[:0] = server[:], [folder]
        from importlib import import_module
        import_module(module)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{server[0]} is not started, because {module} cannot be imported: the reason is above.")
os.execvp(server[0], server)
"""
"""Imports a module in a process of its own before a server with several workers starts; see import_check.py."""
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
    """Return what was added before a program, if anything, and the program with its arguments."""
    size = len(_STARTER) + 1 if argv[: len(_STARTER) + 1] == (*_STARTER, _EXPAND) else 0
    if argv[: len(_IMPORTER) + 1] == (*_IMPORTER, _IMPORT):
        size = len(import_check("", ""))
    return argv[:size], argv[size:]


def import_check(module: str, folder: str) -> tuple[str, ...]:
    """Return what, before a server's command, imports the app's module first if there are several workers.

    ``folder`` is where the server looks for it, relative to where it starts.
    """
    return (*_IMPORTER, _IMPORT, module, folder)


def shown(argv: tuple[str, ...]) -> str:
    """Return a command for the log: the program itself, with its ``$NAME`` as in a shell."""
    before, program = split_command(argv)
    program = tuple(_IN_SHELL.sub("", word) for word in program)
    if not before:
        return shlex.join(program)
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in program)


_IN_SHELL = re.compile(re.escape(shlex.join((*_IMPORTER, _IMPORT))) + r" \S+ \S+ ")
"""The check in a line for a shell."""


def python(code: str, *, chdir: str = "", path: str = "") -> Start:
    """Return the start of some Python statements, which can import from the app directory.

    Their strings are in double quotes: a shell's line, as in the log, has the statements in single ones.
    """
    return command("python", "-c", code, chdir=chdir, path=path)
