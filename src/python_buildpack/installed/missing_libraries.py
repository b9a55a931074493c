"""Finds shared libraries that compiled packages need and the image lacks, which causes an ImportError at run time."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.installed.elf.dynamic import read_needed

SYSTEM_FOLDERS = (
    *("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"),
    *("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"),
)

DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libstdc++.so.6": "libstdc++6",
    "libpq.so.5": "libpq5",
    "libmariadb.so.3": "libmariadb3",
    "libmysqlclient.so.21": "libmysqlclient21",
    "libodbc.so.2": "libodbc2",
    "libxml2.so.2": "libxml2",
    "libxslt.so.1": "libxslt1.1",
    "libffi.so.8": "libffi8",
    "libcairo.so.2": "libcairo2",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libmagic.so.1": "libmagic1",
    "libxcb.so.1": "libxcb1",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libsasl2.so.2": "libsasl2-2",
    "libjpeg.so.62": "libjpeg62-turbo",
}
"""Library → the package in Debian 12 and Ubuntu that contains it."""


@frozen
class Missing:
    """A missing library, and a file that needs it."""

    library: str
    needed_by: str
    """Relative to the virtual environment."""


def find_missing(venv: Path, interpreter: Path, env: Mapping[str, str]) -> tuple[Missing, ...]:
    """Return the missing libraries, sorted, each once.

    They are looked for in the virtual environment (wheels contain libraries), the interpreter's directory,
    LD_LIBRARY_PATH and the build image. The run image may have fewer; the build cannot read it.
    """
    own = sorted(path for path in venv.rglob("*") if ".so" in path.name and path.is_file() and not path.is_symlink())
    known = {path.name for path in venv.rglob("*.so*")} | {path.name for path in interpreter.rglob("*.so*")}
    folders = [*(Path(part) for part in env.get("LD_LIBRARY_PATH", "").split(":") if part), *map(Path, SYSTEM_FOLDERS)]
    missing: dict[str, str] = {}
    for path in own:
        for library in _missing_of(path, known, folders):
            missing.setdefault(library, str(path.relative_to(venv)))
    return tuple(Missing(library, needed_by) for library, needed_by in sorted(missing.items()))


def _missing_of(path: Path, known: Iterable[str], folders: Iterable[Path]) -> Iterator[str]:
    for library in read_needed(path):
        name = library.rpartition("/")[2]
        if name not in known and not any((folder / name).exists() for folder in folders):
            yield name


def advice(missing: Missing) -> str:
    """Return the advice to the user for one library."""
    package = DEBIAN_PACKAGES.get(missing.library)
    where = f"the Debian and Ubuntu package {package} has it" if package else "find the system package that has it"
    return f"{missing.library} is needed by {missing.needed_by}: {where}."
