"""Finds shared libraries that an app needs and the image lacks: what it imports then fails.

A library counts if a compiled module that imports reach needs it (DT_NEEDED), or a library that such a module needs;
or if a module loads it itself, by ctypes or cffi. Plugins that nothing imports may need libraries that no app has to
have: of torch's, libmpi and libfabric, and libcuda, which the driver brings.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.installed.elf.dynamic import read_needed
from python_buildpack.installed.imports.native import Load

SYSTEM_FOLDERS = (
    *("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"),
    *("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"),
)

DEBIAN_PACKAGES = {
    "GL": "libgl1",
    "gthread-2.0": "libglib2.0-0",
    "glib-2.0": "libglib2.0-0",
    "gobject-2.0": "libglib2.0-0",
    "gomp": "libgomp1",
    "stdc++": "libstdc++6",
    "pq": "libpq5",
    "mariadb": "libmariadb3",
    "mysqlclient": "libmysqlclient21",
    "odbc": "libodbc2",
    "xml2": "libxml2",
    "xslt": "libxslt1.1",
    "ffi": "libffi8",
    "cairo": "libcairo2",
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "pangocairo-1.0": "libpangocairo-1.0-0",
    "harfbuzz": "libharfbuzz0b",
    "harfbuzz-subset": "libharfbuzz-subset0",
    "fontconfig": "libfontconfig1",
    "gdk_pixbuf-2.0": "libgdk-pixbuf-2.0-0",
    "magic": "libmagic1",
    "zbar": "libzbar0",
    "sndfile": "libsndfile1",
    "portaudio": "libportaudio2",
    "usb-1.0": "libusb-1.0-0",
    "dmtx": "libdmtx0b",
    "enchant-2": "libenchant-2-2",
    "cups": "libcups2",
    "opus": "libopus0",
    "sodium": "libsodium23",
    "geos_c": "libgeos-c1v5",
    "gdal": "libgdal32",
    "xcb": "libxcb1",
    "X11": "libx11-6",
    "Xext": "libxext6",
    "sasl2": "libsasl2-2",
    "jpeg": "libjpeg62-turbo",
}
"""Library without ``lib`` and ``.so`` → the package in Debian 12, and mostly in Ubuntu, that contains it."""
_STEM = re.compile(r"(?:lib)?(?P<stem>.+?)\.so(?:\.[\d.]+)?")

_WINDOWS_ENDING = re.compile(r"-\d+$")
"""cffi's message has the first name that a package tries, which may be that on Windows: ``libpango-1.0-0``."""


@frozen
class Missing:
    """A missing library, and a file that needs it."""

    library: str
    needed_by: str
    """Relative to the virtual environment."""
    is_loaded: bool = False
    """Whether the file loads it by ctypes or cffi, and not the system's loader."""


@frozen
class Needs:
    """What imports reach that may need libraries."""

    extensions: tuple[Path, ...]
    loads: tuple[Load, ...] = ()


@frozen
class MissingLibraries:
    """What is missing of shared libraries."""

    needed: tuple[Missing, ...]
    """Without these, an import fails."""
    of_plugins: tuple[str, ...]
    """Libraries that only files need which nothing imports."""


def find_missing(venv: Path, interpreter: Path, env: Mapping[str, str], needs: Needs) -> MissingLibraries:
    """Return the missing libraries, sorted, each once.

    They are looked for in the virtual environment (wheels contain libraries), the interpreter's directory,
    LD_LIBRARY_PATH and the build image. The run image may have fewer; the build cannot read it.
    """
    libraries = tuple(_libraries(venv))
    own = [path for path in libraries if path.is_file() and not path.is_symlink()]
    names = {path.name for path in (*libraries, *_libraries(interpreter))}
    folders = [*(Path(part) for part in env.get("LD_LIBRARY_PATH", "").split(":") if part), *map(Path, SYSTEM_FOLDERS)]
    known = names | {name for folder in folders for name in _names(folder)}
    needed = dict(_missing_of(_with_libraries(needs.extensions, own), known, venv))
    all_missing = dict(_missing_of(sorted(own), known, venv))
    stems = {match["stem"] for name in known if (match := _STEM.fullmatch(name))}
    loaded = tuple(_not_loadable(needs.loads, stems, venv))
    missing = (*(Missing(library, by) for library, by in sorted(needed.items())), *loaded)
    return MissingLibraries(missing, tuple(sorted(all_missing.keys() - needed.keys())))


def _libraries(root: Path) -> Iterator[Path]:
    """Yield what is named as a shared library below a directory."""
    for folder, directories, files in os.walk(root):
        yield from (Path(folder, name) for name in (*directories, *files) if ".so" in name)


def _names(folder: Path) -> Iterable[str]:
    try:
        return [path.name for path in folder.iterdir() if ".so" in path.name]
    except OSError:
        return ()


def _with_libraries(extensions: Iterable[Path], own: Iterable[Path]) -> Iterator[Path]:
    """Yield the extension modules and all libraries of the environment that they need, directly or not."""
    by_name: dict[str, list[Path]] = {}
    for path in own:
        by_name.setdefault(path.name, []).append(path)
    todo = sorted(extensions)
    seen = set(todo)
    while todo:
        path = todo.pop()
        yield path
        new = [found for library in read_needed(path) for found in by_name.get(_name(library), ()) if found not in seen]
        seen.update(new)
        todo += new


def _missing_of(files: Iterable[Path], known: Iterable[str], venv: Path) -> Iterator[tuple[str, str]]:
    """Yield each missing library with the last of the files that need it."""
    for path in files:
        for library in read_needed(path):
            if _name(library) not in known:
                yield _name(library), str(path.relative_to(venv))


def _name(library: str) -> str:
    return library.rpartition("/")[2]


def _not_loadable(loads: Iterable[Load], stems: Iterable[str], venv: Path) -> Iterator[Missing]:
    """Yield the libraries of which no file is there under any of the names that are tried.

    Wheels bring libraries with a suffix of their own, such as libpq-1e2c3d4f.so.5.
    """
    seen: set[str] = set()
    for load in loads:
        starts = tuple(f"{stem}{sign}" for stem in load.stems for sign in "-_.")
        if not any(stem in load.stems or stem.startswith(starts) for stem in stems) and load.stems[0] not in seen:
            seen.add(load.stems[0])
            yield Missing(f"lib{load.stems[0]}", str(load.needed_by.relative_to(venv)), is_loaded=True)


def debian_package(library: str) -> str | None:
    """Return the package of Debian 12 that has a library (``libpq.so.5``, ``libpq``), if it is known."""
    match = _STEM.fullmatch(library)
    stem = match["stem"] if match else library.removeprefix("lib")
    return DEBIAN_PACKAGES.get(stem) or DEBIAN_PACKAGES.get(_WINDOWS_ENDING.sub("", stem))


def advice(missing: Missing) -> str:
    """Return the advice to the user for one library."""
    package = debian_package(missing.library)
    where = f"the Debian and Ubuntu package {package} has it" if package else "find the system package that has it"
    how = "loaded" if missing.is_loaded else "needed"
    return f"{missing.library} is {how} by {missing.needed_by}: {where}."
