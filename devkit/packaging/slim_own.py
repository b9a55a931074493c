"""What the buildpack's own interpreter can do without: it runs our code and the tools that install, nothing else."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from cnb.frozen import replace
from python_buildpack.installed.elf.symbols import remove_symbols
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished

OWN_PACKAGES = ("cnb", "python_buildpack")
STANDARD_LIBRARY = (
    # Beyond what every app's interpreter loses: neither we nor the tools that run on it (Poetry, Pipenv, PDM) make
    # terminal programs, measure or teach; and what is there in C is not needed in Python.
    *(
        "_pydatetime.py",
        "_pydecimal.py",
        "_pyio.py",
        "_pyrepl",
        "cProfile.py",
        "curses",
        "dbm",
        "doctest.py",
        "ensurepip",
        "ftplib.py",
        "idlelib",
        "imaplib.py",
    ),
    *("lib2to3", "mailbox.py", "poplib.py", "profile.py", "pstats.py", "pyclbr.py", "pydoc.py", "pydoc_data"),
    *("smtplib.py", "tabnanny.py", "telnetlib.py", "test", "tkinter", "trace.py", "turtle.py", "turtledemo"),
    *("unittest", "wsgiref", "site-packages", "EXTERNALLY-MANAGED"),
)
EXTENSIONS = (
    *("_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr", "_codecs_tw", "_crypt"),
    *("_ctypes_test", "_curses", "_curses_panel", "_dbm", "_gdbm", "_lsprof", "_tkinter", "audioop", "nis"),
    *("ossaudiodev", "readline", "spwd", "xxlimited"),
)
BUNDLED = ("libreadline", "libncurses", "libpanel", "libtinfo", "libgdbm", "libtcl", "libtk", "libcrypt", "libnsl")
OUTSIDE = ("include", "share", "lib/pkgconfig", "lib/tcl8.6", "lib/tcl9", "lib/tcl9.0", "lib/tk9.0", "lib/itcl4.3.5")


OF_LIBRARIES = ("pydantic/v1", "pydantic/mypy.py")
"""What nothing of ours imports: the API of another major version, and a plugin of a type checker."""


def slim_libraries(site_packages: Path) -> None:
    """Remove the parts of libraries that the buildpack does without."""
    for name in OF_LIBRARIES:
        path = site_packages / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    for path in site_packages.glob("*.dist-info/sboms"):
        shutil.rmtree(path)


def remove_all_symbols(prefix: Path) -> None:
    """Remove the symbols of all libraries, which only debuggers read: upstream leaves some. Saves 2 MB."""
    for path in sorted(prefix.rglob("*.so*")):
        if path.is_file() and not path.is_symlink():
            remove_symbols(path)


@dataclass(frozen=True, slots=True)
class WithoutDocstrings:
    """Implements ports.CommandRunner: compiles without docstrings, as ``python -OO``. Saves 2 MB and time to start.

    Nothing of ours reads docstrings at run time, and no code of ours has ``assert``.
    """

    runner: CommandRunner

    def run(self, command: Command) -> Finished:
        """Run ``command``."""
        return self.runner.run(replace(command, env={**command.env, "PYTHONOPTIMIZE": "2"}))


def drop_sources(library: Path) -> None:
    """Leave only the bytecode of other people's code; our own stays readable where it runs.

    PEP 3147 has a module without its source be a .pyc in the source's place. Saves 10 of 65 MB, time at each start, and
    600 files: ``pack build --buildpack FILE`` takes most of a millisecond for each.
    """
    own = tuple(library / "site-packages" / package for package in OWN_PACKAGES)
    for source in sorted(library.rglob("*.py")):
        if any(source.is_relative_to(package) for package in own):
            continue
        # What cannot be compiled stays as it is.
        for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
            compiled.rename(source.with_suffix(".pyc"))
            source.unlink()
    for folder in sorted(library.rglob("__pycache__")):
        if not any(folder.iterdir()):
            folder.rmdir()


def slim(prefix: Path, minor: str) -> None:
    """Remove the parts from an installed interpreter; what it lacks already is passed over."""
    library = prefix / "lib" / f"python{minor}"
    dynamic = library / "lib-dynload"
    doomed = [library / name for name in STANDARD_LIBRARY]
    doomed += [prefix / name for name in OUTSIDE]
    doomed += library.glob("config-*")
    doomed += [path for name in EXTENSIONS for path in dynamic.glob(f"{name}.*")]
    doomed += [path for name in BUNDLED for path in (prefix / "lib" / ".bundled").glob(f"{name}*")]
    keep = {"python3", f"python{minor}"}
    doomed += [path for path in (prefix / "bin").iterdir() if path.name not in keep]
    for path in doomed:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    (library / "site-packages").mkdir()
